import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { K8sApi, Stored } from '../../test/support/k8s_api.ts'
import { ID, PODS, podObject } from '../../test/support/pod_objects.ts'
import { k8sAttributes } from './factory.ts'
import { parseImage } from './image.ts'
import { connected } from './testing.ts'

const WEB = {
  labels: {
    app: 'web',
    'pod-template-hash': '7d4b9c',
    'app.kubernetes.io/name': 'front',
    'app.kubernetes.io/version': '7',
  },
  annotations: { 'team/owner': 'blue', 'resource.opentelemetry.io/region': 'eu' },
  owner: { kind: 'ReplicaSet', name: 'web-front-7d4b9c', uid: 'rs-uid' },
}

const object = (name: string, more: object = {}): Stored =>
  ({ metadata: { name, uid: `uid-${name}`, ...more } }) as Stored

function cluster(api: K8sApi, pod: ReturnType<typeof podObject> = podObject('web', WEB)): void {
  api.put(PODS, pod)
  api.put('/api/v1/namespaces', object('shop', { labels: { team: 'blue' } }))
  api.put('/api/v1/namespaces', object('kube-system'))
  api.put('/api/v1/nodes', object('n1', { labels: { zone: 'a' } }))
  const apps = '/apis/apps/v1/namespaces/shop'
  const ownerReferences = [{ kind: 'Deployment', name: 'web-front', uid: 'deployment-uid' }]
  api.put(`${apps}/replicasets`, object('web-front-7d4b9c', { ownerReferences }))
  api.put(`${apps}/deployments`, object('web-front', { labels: { tier: 'edge' } }))
  const jobOwner = [{ kind: 'CronJob', name: 'nightly', uid: 'cronjob-uid' }]
  api.put(
    '/apis/batch/v1/namespaces/shop/jobs',
    object('nightly-28912345', { ownerReferences: jobOwner }),
  )
}

/** What a resource of the pod has, beside its uid, once everything that was asked for is there. */
async function extracted(
  t: Parameters<typeof connected>[0],
  extract: object,
  want: readonly string[],
  given: Readonly<Record<string, string>> = {},
  pod?: ReturnType<typeof podObject>,
) {
  const run = await connected(t, { extract }, (api) => cluster(api, pod))
  const identity = { 'k8s.pod.uid': pod?.metadata.uid ?? 'uid-web' }
  for (;;) {
    const after = await run.after({ ...identity, ...given })
    if (after !== undefined && want.every((key) => key in after)) {
      const { 'k8s.pod.uid': _, ...rest } = after
      return rest
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
}

describe('extract', () => {
  type Row = [name: string, extract: object, want: Record<string, string>]
  const rows: Row[] = [
    [
      'names and uids of what owns the pod',
      {
        metadata: [
          'k8s.replicaset.name',
          'k8s.replicaset.uid',
          'k8s.deployment.uid',
          'k8s.deployment.name',
        ],
      },
      {
        'k8s.deployment.name': 'web-front',
        'k8s.deployment.uid': 'deployment-uid',
        'k8s.replicaset.name': 'web-front-7d4b9c',
        'k8s.replicaset.uid': 'rs-uid',
      },
    ],
    [
      'uids of node and cluster',
      { metadata: ['k8s.node.uid', 'k8s.cluster.uid'] },
      { 'k8s.node.uid': 'uid-n1', 'k8s.cluster.uid': 'uid-kube-system' },
    ],
    [
      'the container',
      {
        metadata: [
          'k8s.container.name',
          'container.id',
          'container.image.tags',
          'container.image.repo_digests',
        ],
      },
      {
        'k8s.container.name': 'app',
        'container.id': ID,
        'container.image.tags': '["1.2"]',
        'container.image.repo_digests': '["reg:5000/team/shop@sha256:abc"]',
      },
    ],
    [
      'the service',
      { metadata: ['service.name', 'service.namespace', 'service.version', 'service.instance.id'] },
      {
        'service.name': 'front',
        'service.namespace': 'shop',
        'service.version': '7',
        'service.instance.id': 'shop.web.app',
      },
    ],
    [
      'labels and annotations by key, with and without a name',
      {
        metadata: [],
        labels: [{ key: 'app' }, { tag_name: 'team', key: 'team', from: 'namespace' }],
        annotations: [{ key: 'team/owner', from: 'pod' }],
      },
      { 'k8s.pod.labels.app': 'web', team: 'blue', 'k8s.pod.annotations.team/owner': 'blue' },
    ],
    [
      'labels by expression, of the node and the deployment too',
      {
        metadata: [],
        labels: [
          { tag_name: 'l.$1', key_regex: 'app.kubernetes.io/(.*)' },
          { key_regex: 'zo.e', from: 'node' },
          { tag_name: 'tier', key: 'tier', from: 'deployment' },
        ],
      },
      { 'l.name': 'front', 'l.version': '7', 'k8s.node.labels.zone': 'a', tier: 'edge' },
    ],
    [
      'labels by an expression with names, and by one without groups',
      {
        metadata: [],
        labels: [
          { tag_name: 'n.$what', key_regex: 'app.kubernetes.io/(?P<what>n.*)' },
          { tag_name: 'all', key_regex: 'ap+' },
        ],
      },
      { 'n.name': 'front', 'k8s.pod.labels.app': 'web' },
    ],
    [
      'annotations that name attributes',
      { metadata: [], otel_annotations: true },
      { region: 'eu' },
    ],
  ]
  for (const [name, extract, want] of rows) {
    test(name, async (t) => {
      assert.deepEqual(await extracted(t, extract, Object.keys(want)), want)
    })
  }

  test('without a pod, the namespace and the node that are named', async (t) => {
    const extract = {
      metadata: ['service.namespace', 'k8s.node.uid', 'k8s.pod.name'],
      labels: [{ key: 'team', from: 'namespace' }, { key: 'zone', from: 'node' }, { key: 'app' }],
    }
    const run = await connected(t, { extract }, (api) => cluster(api))
    const given = { 'k8s.namespace.name': 'shop', 'k8s.node.name': 'n1' }
    const want = {
      ...given,
      'service.namespace': 'shop',
      'k8s.node.uid': 'uid-n1',
      'k8s.namespace.labels.team': 'blue',
      'k8s.node.labels.zone': 'a',
    }
    const until = Date.now() + 20_000
    let after = await run.after(given)
    while (Object.keys(after ?? {}).length < Object.keys(want).length && Date.now() < until) {
      await new Promise((resolve) => setImmediate(resolve))
      after = await run.after(given)
    }
    assert.deepEqual(after, want)
    assert.deepEqual(await run.after({ 'k8s.node.name': 'n2' }), { 'k8s.node.name': 'n2' })
  })

  test('a cron job by the name of its job', async (t) => {
    const owner = { kind: 'Job', name: 'nightly-28912345', uid: 'job-uid' }
    const metadata = ['k8s.job.name', 'k8s.job.uid', 'k8s.cronjob.name', 'k8s.cronjob.uid']
    assert.deepEqual(await extracted(t, { metadata }, metadata, {}, podObject('job', { owner })), {
      'k8s.job.name': 'nightly-28912345',
      'k8s.job.uid': 'job-uid',
      'k8s.cronjob.name': 'nightly',
      'k8s.cronjob.uid': 'cronjob-uid',
    })
  })

  test('of several containers the one that is named, else none', async (t) => {
    const containers = [
      { name: 'app', id: ID },
      { name: 'side', id: 'e'.repeat(64), image: 'side@sha256:123' },
    ]
    const pod = podObject('two', { containers })
    const metadata = ['k8s.pod.name', 'container.image.name', 'container.image.tag']
    const named = await extracted(t, { metadata }, [], { 'k8s.container.name': 'side' }, pod)
    assert.deepEqual(named, {
      'k8s.container.name': 'side',
      'k8s.pod.name': 'two',
      'container.image.name': 'side',
    })
    const byId = await extracted(t, { metadata }, [], { 'container.id': ID }, pod)
    assert.equal(byId['container.image.name'], 'reg:5000/team/shop')
    assert.deepEqual(await extracted(t, { metadata }, [], {}, pod), { 'k8s.pod.name': 'two' })
  })

  test('a value that is there stays, an empty one does not', async (t) => {
    const extract = { metadata: ['k8s.pod.name', 'k8s.node.name'] }
    const given = { 'k8s.pod.name': 'mine', 'k8s.node.name': '' }
    assert.deepEqual(await extracted(t, extract, [], given), {
      'k8s.pod.name': 'mine',
      'k8s.node.name': 'n1',
    })
  })

  test('replica sets are never listed or watched', async (t) => {
    const extract = { metadata: ['k8s.deployment.name', 'k8s.deployment.uid'] }
    const run = await connected(t, { extract }, cluster)
    const asked = () => run.api.requests.filter((one) => one.includes('replicasets'))
    while (asked().length === 0) await new Promise((resolve) => setImmediate(resolve))
    await run.after({ 'k8s.pod.uid': 'uid-web' })
    assert.deepEqual(asked(), ['/apis/apps/v1/namespaces/shop/replicasets/web-front-7d4b9c'])
  })

  const hidden: [name: string, pod: ReturnType<typeof podObject>][] = [
    ['excluded pods', podObject('jaeger-agent-x')],
    [
      'pods that want to be ignored',
      podObject('web', { annotations: { 'opentelemetry.io/k8s-processor/ignore': 'true' } }),
    ],
  ]
  for (const [name, pod] of hidden) {
    test(`${name} are not known`, async (t) => {
      const run = await connected(t, {}, (api) => api.put(PODS, pod))
      assert.deepEqual(await run.after({}, '10.0.0.1'), {})
    })
  }
})

describe('images', () => {
  const rows: [image: string, name: string, tag: string][] = [
    ['nginx', 'nginx', 'latest'],
    ['nginx:1.27', 'nginx', '1.27'],
    ['reg:5000/a/b', 'reg:5000/a/b', 'latest'],
    ['reg:5000/a/b:2@sha256:0', 'reg:5000/a/b', '2'],
    ['a@sha256:0', 'a', ''],
  ]
  for (const [image, name, tag] of rows) {
    test(image, () => {
      const parsed = parseImage(image)
      assert.deepEqual([parsed.name, parsed.tag], [name, tag])
    })
  }
})

describe('settings', () => {
  const rows: [config: object, message: RegExp][] = [
    [{ extract: { metadata: ['k8s.pod.nme'] } }, /"k8s.pod.nme" is not a supported metadata field/],
    [{ extract: { labels: [{ key: 'a', key_regex: 'b' }] } }, /only one of key or key_regex/],
    [{ extract: { labels: [{ tag_name: 'a' }] } }, /one of key or key_regex is missing/],
    [{ extract: { labels: [{ key: 'a', from: 'x' }] } }, /x is not a valid choice for From/],
    [
      { pod_association: [{ sources: Array(5).fill({ from: 'connection' }) }] },
      /too many association sources. limit is 4/,
    ],
    [
      { filter: { fields: [{ key: 'a', op: 'exists' }] } },
      /'exists' is not a valid filter operation/,
    ],
  ]
  for (const [config, message] of rows) {
    test(String(message), () => assert.throws(() => k8sAttributes.schema.parse(config), message))
  }

  test('a variable that is not set', async (t) => {
    await assert.rejects(
      connected(t, { filter: { node_from_env_var: 'NO_SUCH_NODE' } }),
      /`node_from_env_var` is configured but envvar "NO_SUCH_NODE" is not set/,
    )
  })
})
