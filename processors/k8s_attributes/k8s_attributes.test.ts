import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ProfileBatch } from '../../pipeline/data/profiles.ts'
import { testContext } from '../../test/support/context.ts'
import { K8sApi } from '../../test/support/k8s_api.ts'
import { ID, PODS, podObject } from '../../test/support/pod_objects.ts'
import { profiles } from '../../test/support/telemetry.ts'
import { k8sAttributes } from './factory.ts'
import { connected, plain } from './testing.ts'

const WEB = {
  labels: { app: 'web', 'pod-template-hash': '7d4b9c' },
  owner: { kind: 'ReplicaSet', name: 'web-front-7d4b9c', uid: 'rs-uid' },
}
const DEFAULTS = {
  'k8s.namespace.name': 'shop',
  'k8s.pod.name': 'web',
  'k8s.pod.uid': 'uid-web',
  'k8s.pod.start_time': '2026-11-21T08:00:00Z',
  'k8s.deployment.name': 'web-front',
  'k8s.node.name': 'n1',
  'container.image.name': 'reg:5000/team/shop',
  'container.image.tag': '1.2',
}
const NAMES = { extract: { metadata: ['k8s.pod.name'] } }
/** Nothing waits. */
const NOW = { wait_for_metadata_timeout: '0s', wait_for_metadata: false }

describe('which pod', () => {
  test('by the id of a container, whatever the address says', async (t) => {
    const run = await connected(t, {}, (api) => {
      api.put(PODS, podObject('web', WEB))
      api.put(PODS, podObject('other', { ip: '10.0.0.2', containers: [] }))
    })
    assert.deepEqual(await run.after({ 'container.id': ID }, '10.0.0.2'), {
      'container.id': ID,
      ...DEFAULTS,
    })
  })

  test('by its uid', async (t) => {
    const run = await connected(t, NAMES, (api) => api.put(PODS, podObject('web')))
    const given = { 'k8s.pod.uid': 'uid-web' }
    assert.deepEqual(await run.after(given), { ...given, 'k8s.pod.name': 'web' })
  })

  const byAddress: [name: string, given: Record<string, string>, peer: string][] = [
    ['by the address of the sender', {}, '10.0.0.1'],
    ['by an IPv4 address in IPv6', {}, '::ffff:10.0.0.1'],
    ['by k8s.pod.ip', { 'k8s.pod.ip': '10.0.0.1' }, '10.9.9.9'],
    ['by ip', { ip: '10.0.0.1' }, ''],
    ['by a host.name that is an address', { 'host.name': '10.0.0.1' }, ''],
  ]
  for (const [name, given, peer] of byAddress) {
    test(name, async (t) => {
      const run = await connected(t, NAMES, (api) => api.put(PODS, podObject('web')))
      const after = await run.after(given, peer)
      assert.deepEqual(after, { ...given, 'k8s.pod.name': 'web' })
    })
  }

  test('the address is told if it is asked for, also if it is that of no pod', async (t) => {
    const extract = { metadata: ['k8s.pod.name', 'k8s.pod.ip'] }
    const run = await connected(t, { extract }, (api) => api.put(PODS, podObject('web')))
    const known = { 'k8s.pod.ip': '10.0.0.1', 'k8s.pod.name': 'web' }
    assert.deepEqual(await run.after({}, '10.0.0.1'), known)
    assert.deepEqual(await run.after({}, '10.9.9.9'), { 'k8s.pod.ip': '10.9.9.9' })
  })

  test('a pod of the host network has no address of its own', async (t) => {
    const run = await connected(t, NAMES, (api) =>
      api.put(PODS, podObject('web', { hostNetwork: true })),
    )
    assert.deepEqual(await run.after({}, '10.0.0.1'), {})
    assert.equal(run.count('k8s_attributes_misses'), 1)
  })

  test('two pods that claim an address are neither', async (t) => {
    const run = await connected(t, NAMES, (api) => {
      api.put(PODS, podObject('a', { containers: [] }))
      api.put(PODS, podObject('b', { containers: [] }))
    })
    assert.deepEqual(await run.after({}, '10.0.0.1'), {})
  })

  const sources = (...names: string[]) => ({
    sources: names.map((name) => ({ from: 'resource_attribute', name })),
  })
  const connection = { sources: [{ from: 'connection' }] }
  const rows: [
    name: string,
    rules: object[],
    given: Record<string, string>,
    peer: string,
    pod: string | undefined,
  ][] = [
    [
      'by name and namespace',
      [sources('k8s.pod.name', 'k8s.namespace.name')],
      { 'k8s.pod.name': 'web', 'k8s.namespace.name': 'shop' },
      '',
      'uid-web',
    ],
    [
      'a rule whose values are missing is passed over',
      [sources('k8s.pod.name', 'k8s.namespace.name'), connection],
      { 'k8s.pod.name': 'web' },
      '10.0.0.1',
      'uid-web',
    ],
    [
      'a name that is not known is no reason to take the address',
      [sources('k8s.pod.name', 'k8s.namespace.name'), connection],
      { 'k8s.pod.name': 'nobody', 'k8s.namespace.name': 'shop' },
      '10.0.0.1',
      undefined,
    ],
    [
      'an address that is not known is one to try the next rule',
      [sources('server.address'), connection],
      { 'server.address': '10.7.7.7' },
      '10.0.0.1',
      'uid-web',
    ],
    [
      'a host.name that is an address',
      [sources('host.name')],
      { 'host.name': '10.0.0.1' },
      '',
      'uid-web',
    ],
    [
      'a host.name that is none of a pod is one to try the next rule',
      [sources('host.name'), connection],
      { 'host.name': 'ip-10-1-2-3' },
      '10.0.0.1',
      'uid-web',
    ],
    [
      'all sources of a rule must agree',
      [{ sources: [{ from: 'connection' }, ...sources('k8s.node.name').sources] }],
      { 'k8s.node.name': 'n2' },
      '10.0.0.1',
      undefined,
    ],
    [
      'by what has no index',
      [sources('k8s.node.name', 'k8s.replicaset.name')],
      { 'k8s.node.name': 'n1', 'k8s.replicaset.name': 'web-front-7d4b9c' },
      '',
      'uid-web',
    ],
  ]
  for (const [name, pod_association, given, peer, pod] of rows) {
    test(name, async (t) => {
      const config = { ...NOW, extract: { metadata: ['k8s.pod.uid'] }, pod_association }
      const run = await connected(t, config, (api) => api.put(PODS, podObject('web', WEB)))
      await run.heard('added', 1)
      assert.equal((await run.after(given, peer))?.['k8s.pod.uid'], pod)
    })
  }
})

describe('pods that come and go', () => {
  test('a pod that is gone is known for two minutes, its address is not', async (t) => {
    const config = { ...NOW, ...NAMES }
    const run = await connected(t, config, (api) => api.put(PODS, podObject('web')))
    await run.heard('added', 1)
    run.api.remove(PODS, 'uid-web')
    await run.heard('deleted', 1)
    assert.equal((await run.after({ 'container.id': ID }))?.['k8s.pod.name'], 'web')
    assert.equal((await run.after({}, '10.0.0.1'))?.['k8s.pod.name'], undefined)
    run.skip(119_000)
    assert.equal((await run.after({ 'k8s.pod.uid': 'uid-web' }))?.['k8s.pod.name'], 'web')
    run.skip(2000)
    run.api.put(PODS, podObject('later', { ip: '10.0.0.9', containers: [] }))
    await run.heard('added', 2)
    assert.equal((await run.after({ 'container.id': ID }))?.['k8s.pod.name'], undefined)
  })

  test('an address that another pod got never mixes the two', async (t) => {
    const config = { ...NOW, ...NAMES }
    const run = await connected(t, config, (api) => api.put(PODS, podObject('old')))
    await run.heard('added', 1)
    run.api.put(PODS, podObject('old', { phase: 'Succeeded' }))
    await run.heard('updated', 1)
    run.api.put(PODS, podObject('new', { containers: [{ name: 'app', id: 'd'.repeat(64) }] }))
    await run.heard('added', 2)
    assert.equal((await run.after({}, '10.0.0.1'))?.['k8s.pod.name'], 'new')
    assert.equal((await run.after({ 'container.id': ID }))?.['k8s.pod.name'], 'old')
    run.api.remove(PODS, 'uid-old')
    await run.heard('deleted', 1)
    assert.equal((await run.after({}, '10.0.0.1'))?.['k8s.pod.name'], 'new')
  })

  test('items wait for their pod, and are completed', async (t) => {
    const run = await connected(t, NAMES)
    assert.equal(await run.after({ 'container.id': ID }), undefined)
    run.api.put(PODS, podObject('web'))
    assert.equal((await run.next())['k8s.pod.name'], 'web')
    assert.equal(run.count('k8s_attributes_misses'), 0)
  })

  test('they wait no longer than the timeout; the next of the kind do not wait at all', async (t) => {
    const run = await connected(t, { ...NAMES, wait_for_metadata_timeout: '5s' })
    assert.equal(await run.after({ 'container.id': ID }), undefined)
    run.skip(5000)
    assert.deepEqual(await run.next(), { 'container.id': ID })
    assert.deepEqual(await run.after({ 'container.id': ID }), { 'container.id': ID })
    assert.equal(run.count('k8s_attributes_misses'), 2)
  })

  test('the end lets those go that wait', async (t) => {
    const run = await connected(t, NAMES)
    await run.consume({ 'k8s.pod.uid': 'nobody' })
    await run.processor.shutdown(new AbortController().signal)
    assert.equal(run.sent.length, 1)
  })

  test('who has no name and no address does not wait', async (t) => {
    const run = await connected(t, NAMES)
    assert.deepEqual(await run.after({ 'service.name': 'x' }), { 'service.name': 'x' })
  })
})

describe('the source', () => {
  test('only pods of the node are listed', async (t) => {
    const run = await connected(t, { ...NAMES, filter: { node: 'n1' } }, (api) => {
      api.put(PODS, podObject('web'))
      api.put(PODS, podObject('far', { node: 'n2', ip: '10.0.0.2', containers: [] }))
    })
    assert.deepEqual(await run.after({}, '10.0.0.2'), {})
    assert(run.api.requests.every((one) => one.includes('fieldSelector=spec.nodeName%3Dn1')))
  })

  test('namespaces one by one need no cluster role', async (t) => {
    const inShop = '/api/v1/namespaces/shop/pods'
    const config = { ...NAMES, filter: { namespace: ['shop', 'none'] } }
    const run = await connected(t, config, (api) => {
      api.put(inShop, podObject('web'))
      api.put('/api/v1/namespaces/none/pods', podObject('other', { ip: '10.0.0.8' }))
      api.forbidden.add(PODS)
    })
    assert.equal((await run.after({}, '10.0.0.1'))?.['k8s.pod.name'], 'web')
    assert.equal((await run.after({}, '10.0.0.8'))?.['k8s.pod.name'], 'other')
  })

  test('the kubelet tells what the API server forbids', async (t) => {
    const kubelet = new K8sApi()
    kubelet.put('/pods', podObject('web'))
    await kubelet.listen()
    t.after(() => kubelet.close())
    const config = { ...NAMES, filter: { node: 'n1' }, kubelet: { endpoint: kubelet.url } }
    const run = await connected(t, config, (api) => api.forbidden.add(PODS))
    assert.equal((await run.after({}, '10.0.0.1'))?.['k8s.pod.name'], 'web')
    assert.match(run.lines.join('\n'), /forbids pods; asking the kubelet/)
  })

  test('the start fails if pods do not come in time', async (t) => {
    const config = { ...NAMES, wait_for_metadata_timeout: '200ms' }
    await assert.rejects(
      connected(t, config, (api) => api.forbidden.add(PODS)),
      /failed to wait for caches to sync: no list of pods/,
    )
  })
})

test('passthrough sets the address of the sender, and asks nobody', async (t) => {
  const run = await connected(t, { passthrough: true })
  assert.deepEqual(await run.after({ a: 'b' }, '10.1.2.3'), { a: 'b', 'k8s.pod.ip': '10.1.2.3' })
  assert.deepEqual(run.api.requests, [])
})

test('profiles have the address of the sender in passthrough', async () => {
  const sent: ProfileBatch[] = []
  const config = k8sAttributes.schema.parse({ passthrough: true })
  const processor = k8sAttributes.create.profiles?.(testContext().ctx, config, {
    consume: (batch) => Promise.resolve(void sent.push(batch)),
  })
  const client = { address: '10.1.2.3', metadata: new Map() }
  await processor?.consume(profiles(2), { client })
  const seen: string[] = []
  sent[0]?.mapResources((resource) => {
    seen.push(JSON.stringify(plain(resource.attributes)))
    return resource
  })
  assert.deepEqual(seen, ['{"k8s.pod.ip":"10.1.2.3"}'])
})
