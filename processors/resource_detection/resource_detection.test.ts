import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { type Attribute, string } from '../../pipeline/data/attributes.ts'
import { type TraceBatch, traceBatch } from '../../pipeline/data/batch.ts'
import { later, testContext } from '../../test/support/context.ts'
import { K8sApi } from '../../test/support/k8s_api.ts'
import { resourceSpans, span } from '../../test/support/telemetry.ts'
import { schema } from './config.ts'
import { Detection } from './detection.ts'
import { kubernetes } from './detectors/kubernetes.ts'
import { merged, resourceDetection } from './factory.ts'
import { realWorld, type World } from './world.ts'

async function found(config: object, world: Partial<World> = {}): Promise<Record<string, unknown>> {
  const { ctx } = testContext()
  const detection = new Detection(ctx, schema.parse(config), { ...realWorld, ...world })
  await detection.start()
  detection.stop()
  return Object.fromEntries(
    detection.attributes.map(({ key, value }) => [key, Object(value).value]),
  )
}

describe('env', () => {
  const rows: [name: string, env: World['env'], want: object][] = [
    [
      'pairs, percent-encoded',
      { OTEL_RESOURCE_ATTRIBUTES: 'a=1, b = x%2Cy ,c=' },
      { a: '1', b: 'x,y' },
    ],
    ['the old variable', { OTEL_RESOURCE: 'a=1' }, { a: '1' }],
    ['nothing', {}, {}],
  ]
  for (const [name, env, want] of rows) {
    test(name, async () => assert.deepEqual(await found({}, { env }), want))
  }

  test('only those of the deprecated list', async () => {
    const env = { OTEL_RESOURCE_ATTRIBUTES: 'a=1,b=2,c=3' }
    assert.deepEqual(await found({ attributes: ['c', 'a', 'z'] }, { env }), { a: '1', c: '3' })
  })

  test('what is no pair stops the start', async () => {
    const env = { OTEL_RESOURCE_ATTRIBUTES: 'a' }
    await assert.rejects(
      found({}, { env }),
      /failed to detect resource by env: .*"a" is no key=value/,
    )
  })
})

describe('system', () => {
  const os = (...on: string[]) => ({
    detectors: ['system'],
    system: {
      hostname_sources: ['os'],
      resource_attributes: Object.fromEntries(on.map((key) => [key, { enabled: true }])),
    },
  })

  test('name and type of the host, and no more', async () => {
    assert.deepEqual(await found(os()), { 'host.name': hostname(), 'os.type': 'linux' })
  })

  test('what is switched on, from files', async () => {
    const files: Readonly<Record<string, string>> = {
      '/etc/machine-id': 'abc\n',
      '/etc/os-release': 'NAME="Debian GNU/Linux"\nPRETTY_NAME="Debian 13"\nVERSION_ID="13"\n',
      '/proc/cpuinfo':
        'vendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 85\nmodel name\t: Xeon\nstepping\t: 7\ncache size\t: 36608 KB\n\nvendor_id : other',
    }
    const keys = [
      'host.id',
      'os.name',
      'os.version',
      'host.cpu.vendor.id',
      'host.cpu.family',
      'host.cpu.model.id',
      'host.cpu.model.name',
      'host.cpu.stepping',
      'host.cpu.cache.l2.size',
    ]
    const {
      'host.name': _,
      'os.type': __,
      ...rest
    } = await found(os(...keys), {
      read: (file) => files[file] ?? '',
    })
    assert.deepEqual(rest, {
      'host.id': 'abc',
      'host.cpu.vendor.id': 'GenuineIntel',
      'host.cpu.family': '6',
      'host.cpu.model.id': '85',
      'host.cpu.model.name': 'Xeon',
      'host.cpu.stepping': '7',
      'host.cpu.cache.l2.size': 36608,
      'os.name': 'Debian GNU/Linux',
      'os.version': '13',
    })
  })
})

test('dynatrace: what OneAgent wrote, of which the host is taken', async () => {
  const text = 'dt.entity.host=HOST-1\nhost.name = web-1\ndt.entity.process_group=PG-1\nodd\n'
  const file = '/var/lib/dynatrace/enrichment/dt_host_metadata.properties'
  const read = (path: string) => (path === file ? text : '')
  const want = { 'dt.entity.host': 'HOST-1', 'host.name': 'web-1' }
  assert.deepEqual(await found({ detectors: ['dynatrace'] }, { read }), want)
})

describe('k8s_api', () => {
  async function cluster(t: TestContext): Promise<K8sApi> {
    const api = new K8sApi()
    api.put('/api/v1/nodes', { metadata: { name: 'n1', uid: 'node-uid' } })
    api.put('/api/v1/namespaces', { metadata: { name: 'kube-system', uid: 'cluster-uid' } })
    await api.listen()
    t.after(() => api.close())
    return api
  }

  test('node and cluster; what is forbidden is left out', async (t) => {
    const api = await cluster(t)
    const directory = mkdtempSync(join(tmpdir(), 'weir-kubeconfig-'))
    t.after(() => rmSync(directory, { recursive: true }))
    const file = join(directory, 'config')
    writeFileSync(
      file,
      `current-context: a
contexts: [{name: a, context: {cluster: a}}]
clusters: [{name: a, cluster: {server: '${api.url}'}}]`,
    )
    const world = { ...realWorld, env: { KUBECONFIG: file, K8S_NODE_NAME: 'n1' } }
    const look = {
      world,
      options: {
        auth_type: 'kubeConfig',
        context: '',
        node_from_env_var: 'K8S_NODE_NAME',
      } as const,
      wants: () => true,
      signal: new AbortController().signal,
    }
    const want = { 'k8s.node.name': 'n1', 'k8s.node.uid': 'node-uid' }
    assert.deepEqual(await kubernetes(look), { ...want, 'k8s.cluster.uid': 'cluster-uid' })
    api.forbidden.add('/api/v1/namespaces/kube-system')
    assert.deepEqual(await kubernetes(look), { ...want, 'k8s.cluster.uid': undefined })
  })
})

describe('what is found and what is there', () => {
  const here = [string('a', 'here'), string('b', 'here')]
  const rows: [name: string, found: Attribute[], override: boolean, want: Attribute[]][] = [
    [
      'override replaces',
      [string('b', 'found')],
      true,
      [string('a', 'here'), string('b', 'found')],
    ],
    [
      'else what is there stays',
      [string('b', 'found'), string('c', 'found')],
      false,
      [...here, string('c', 'found')],
    ],
    ['nothing found', [], true, here],
  ]
  for (const [name, detected, override, want] of rows) {
    test(name, () => assert.deepEqual(merged(here, detected, override), want))
  }

  test('the first detector to set an attribute wins', async () => {
    const env = { OTEL_RESOURCE_ATTRIBUTES: 'host.name=mine' }
    const first = await found({ detectors: ['env', 'system'] }, { env })
    assert.equal(first['host.name'], 'mine')
    const options = { detectors: ['system', 'env'], system: { hostname_sources: ['os'] } }
    assert.equal((await found(options, { env }))['host.name'], hostname())
  })
})

test('every resource gets them', async () => {
  const sent: TraceBatch[] = []
  const config = resourceDetection.schema.parse({
    detectors: ['system'],
    system: { hostname_sources: ['os'] },
  })
  const processor = resourceDetection.create.traces?.(testContext().ctx, config, {
    consume: (batch) => Promise.resolve(void sent.push(batch)),
  })
  await processor?.start()
  await processor?.consume(traceBatch([resourceSpans([span()]), resourceSpans([span()])]), {})
  await processor?.shutdown(later())
  for (const { resource } of sent[0]?.resources() ?? []) {
    assert.deepEqual(resource.attributes.slice(1), [
      string('host.name', hostname()),
      string('os.type', 'linux'),
    ])
  }
})

describe('settings', () => {
  const rows: [config: object, message: RegExp][] = [
    [{ detectors: ['heroku'] }, /the Collector has the detector heroku, weir has not/],
    [{ detectors: ['nonsense'] }, /invalid detector key: nonsense/],
    [
      { system: { resource_attributes: { 'host.nme': { enabled: true } } } },
      /has invalid keys: host.nme/,
    ],
  ]
  for (const [config, message] of rows) {
    test(String(message), () => assert.throws(() => schema.parse(config), message))
  }
})
