import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PODS, podObject } from '../../test/support/pod_objects.ts'
import { connected } from './testing.ts'

const DEPLOYMENTS = '/apis/apps/v1/namespaces/shop/deployments'
const REPLICA_SETS = '/apis/apps/v1/namespaces/shop/replicasets'
const HOUR_MS = 3_600_000

const object = (name: string, more: object = {}) => ({
  metadata: { name, uid: `uid-${name}`, ...more },
})

test('what came, changed and went of each kind is counted by its own name', async (t) => {
  const extract = {
    metadata: ['k8s.node.uid', 'k8s.deployment.uid', 'k8s.cluster.uid'],
    labels: [
      { key: 'team', from: 'namespace' },
      { key: 'tier', from: 'deployment' },
    ],
  }
  const owner = { kind: 'ReplicaSet', name: 'web-front-7d4b9c', uid: 'rs-uid' }
  const ownerReferences = [{ kind: 'Deployment', name: 'web-front', uid: 'deployment-uid' }]
  const run = await connected(t, { extract }, (api) => {
    api.put(PODS, podObject('web', { labels: { 'pod-template-hash': '7d4b9c' }, owner }))
    api.put('/api/v1/namespaces', object('shop'))
    api.put('/api/v1/namespaces', object('kube-system'))
    api.put('/api/v1/nodes', object('n1'))
    api.put(REPLICA_SETS, object('web-front-7d4b9c', { ownerReferences }))
    api.put(DEPLOYMENTS, object('web-front'))
  })
  /** Once there are so many; more are an error. */
  const counted = async (kind: string, what: string, times: number) => {
    const count = () => run.count(`otelsvc_k8s_${kind}_${what}`)
    while (count() < times) {
      await run.after({ 'k8s.pod.uid': 'uid-web' }) // a pod that is asked for asks for its owners
      await new Promise((resolve) => setImmediate(resolve))
    }
    assert.equal(count(), times, `${kind} ${what}`)
  }
  await counted('pod', 'added', 1)
  await counted('namespace', 'added', 2)
  await counted('node', 'added', 1)
  await counted('replicaset', 'added', 1)
  await counted('deployment', 'added', 1)
  run.api.put('/api/v1/namespaces', object('shop', { labels: { team: 'blue' } }))
  await counted('namespace', 'updated', 1)
  run.api.remove('/api/v1/nodes', 'uid-n1')
  await counted('node', 'deleted', 1)
  run.api.remove(DEPLOYMENTS, 'uid-web-front')
  run.skip(HOUR_MS)
  await counted('deployment', 'deleted', 1)
  await counted('replicaset', 'updated', 1)
  assert.equal(run.count('otelsvc_k8s_replicaset_deleted'), 0)
})
