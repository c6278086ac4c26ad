import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { testContext } from '../../../test/support/context.ts'
import { K8sApi } from '../../../test/support/k8s_api.ts'
import { withKubeConfig } from '../../../test/support/kube_config.ts'
import { ID, PODS, podObject } from '../../../test/support/pod_objects.ts'
import { NO_CGROUP } from '../discovery/cgroup.ts'
import type { PodNeeds } from '../discovery/pod_needs.ts'
import { kubernetesFields } from './fields.ts'
import { KubernetesPods } from './pods.ts'

const NOTHING: PodNeeds = { any: false, keys: new Set() }
const needs = (...keys: string[]): PodNeeds => ({ any: true, keys: new Set(keys) })
const cgroup = { ...NO_CGROUP, containerId: ID }

/** Of a node that a server tells of. */
async function following(t: TestContext, settings: object, first: PodNeeds) {
  const config = kubernetesFields.parse({ node: 'n1', kube_api_qps: 1000, ...settings })
  const api = new K8sApi()
  api.create(PODS)
  await api.listen()
  const context = testContext('ebpf')
  let happened = Promise.withResolvers<void>()
  let changes = 0
  const pods = new KubernetesPods({
    ctx: context.ctx,
    config,
    onChange: () => {
      changes++
      happened.resolve()
      happened = Promise.withResolvers<void>()
    },
    onRefused: () => happened.resolve(),
  })
  t.after(async () => {
    await pods.stop()
    await api.close()
  })
  const follow = (more: PodNeeds) =>
    withKubeConfig(api.url, async () => {
      const { promise } = happened
      pods.follow(more)
      await promise
    })
  return {
    ...{ ...context, api, pods, follow },
    changed: () => happened.promise,
    changes: () => changes,
    put: (labels: Readonly<Record<string, string>>, phase = 'Running') =>
      api.put(PODS, podObject('cart', { labels, phase, annotations: { big: 'x'.repeat(1000) } })),
    first: () => follow(first),
  }
}

describe('pods that selectors ask for', () => {
  test('are asked for if a selector needs it, of this node alone', async (t) => {
    const { pods, put, first, api } = await following(t, {}, needs('team'))
    assert.equal(pods.waitNs, 0, 'nobody needs them')
    put({ team: 'shop', other: '1' })
    await first()
    const found = pods.find(cgroup)
    assert.deepEqual([found?.name, found?.container], ['cart', 'app'])
    assert.deepEqual(found?.labels, { team: 'shop' }, 'no more is kept than is asked for')
    assert.deepEqual(found?.annotations, {})
    assert.match(api.requests[0] ?? '', /^\/api\/v1\/pods\?.*fieldSelector=spec\.nodeName%3Dn1/)
    assert.equal(pods.state, '1 pod known of node n1')
  })

  test('are asked for anew by selectors that look at more', async (t) => {
    const { pods, put, first, follow } = await following(t, {}, needs('team'))
    put({ team: 'shop', tier: 'front' })
    await first()
    pods.follow(needs('team'))
    assert.equal(pods.find(cgroup)?.labels['team'], 'shop', 'the same is known on')
    await follow(needs('tier'))
    assert.deepEqual(pods.find(cgroup)?.labels, { tier: 'front' })
  })

  test('a change of nothing that decides is not told', async (t) => {
    const { put, first, changed, changes, count, api } = await following(t, {}, needs('team'))
    put({ team: 'shop' })
    await first()
    put({ team: 'shop' }, 'Failed')
    put({ team: 'other' })
    await changed()
    assert.equal(changes(), 2)
    assert.equal(count('k8s_api_requests'), api.requests.length)
  })

  test('nobody is asked while nobody needs it; with `enable: true` always', async (t) => {
    const { pods, api } = await following(t, {}, NOTHING)
    pods.follow(NOTHING)
    assert.deepEqual([pods.state, pods.waitNs, api.requests], ['', 0, []])
    const always = await following(t, { enable: true }, NOTHING)
    always.put({ 'app.kubernetes.io/name': 'cart' })
    await always.first()
    assert.equal(always.pods.find(cgroup)?.labels['app.kubernetes.io/name'], 'cart')
  })

  test('of which nobody can be asked are not waited for, and the log has the fix', async (t) => {
    const settings = { kubeconfig_path: '/none/such' }
    const { pods, first, lines } = await following(t, settings, needs('team'))
    await first()
    assert.equal(pods.waitNs, 0)
    assert.match(pods.state, /^not asked: .*\/none\/such/)
    const [line = ''] = lines.filter((one) => one.startsWith('warn'))
    assert.match(line, /Kubernetes is not asked about pods: .*kubeconfig_path/)
  })

  test('an answer that is none is told and counted, and asked for again', async (t) => {
    const { pods, put, first, api, count, lines } = await following(t, {}, needs('team'))
    put({ team: 'shop' })
    api.failNext(1)
    await first()
    assert.equal(pods.find(cgroup)?.name, 'cart')
    assert.equal(count('k8s_api_failures'), 1)
    assert.match(lines.join('\n'), /Kubernetes does not tell of pods.*500/)
  })

  test('a role that may not is told with what it lacks', async (t) => {
    const { pods, api, follow, lines } = await following(t, { node: '' }, needs('team'))
    api.forbidden.add(PODS)
    const asked = follow(needs('team'))
    while (
      pods.state !== `0 pods known; GET ${api.requests[0]}: 403 Forbidden: ${PODS} is forbidden`
    )
      await new Promise((resolve) => setImmediate(resolve))
    assert.match(lines.join('\n'), /pods of all nodes are watched/)
    assert.match(lines.join('\n'), /allow the service account of weir to list and watch pods/)
    api.forbidden.clear()
    api.put(PODS, podObject('cart'))
    await asked
  })
})
