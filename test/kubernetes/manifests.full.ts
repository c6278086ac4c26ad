import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Manifest, plainManifests } from '../support/manifests.ts'
import { type Cluster, startCluster } from './cluster.ts'

/** `daemonsets` of `DaemonSet`: kinds here have regular plurals, but for the last one. */
const pluralOf = (kind: string) =>
  kind === 'PriorityClass' ? 'priorityclasses' : `${kind.toLowerCase()}s`

/** Where an object is made; unknown keys are errors, as for kubectl. */
function pathOf({ apiVersion, kind, metadata: { namespace } }: Manifest): string {
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  const within = namespace === undefined ? '' : `/namespaces/${namespace}`
  return `${group}${within}/${pluralOf(kind)}?fieldValidation=Strict`
}

describe('the manifests, by a real kube-apiserver', () => {
  let cluster: Cluster
  before(async () => {
    cluster = await startCluster()
  })
  after(() => cluster?.stop())

  /** Whether the service account of the manifests may do it. */
  const may = async (verb: string, resource: string, subresource = ''): Promise<boolean> => {
    const review = await cluster.ask('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
      spec: {
        user: 'system:serviceaccount:weir:weir',
        resourceAttributes: { verb, resource, subresource, namespace: 'shop' },
      },
    })
    return (review as { readonly status: { readonly allowed: boolean } }).status.allowed
  }

  test('are taken, every key of them', async () => {
    for (const manifest of plainManifests()) {
      const made = (await cluster.ask('POST', pathOf(manifest), manifest)) as Manifest
      assert.equal(made.kind, manifest.kind)
    }
  })

  test('let weir list and watch pods, and do nothing else', async () => {
    const verbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete']
    const resources = ['pods', 'secrets', 'configmaps', 'nodes', 'namespaces', 'replicasets']
    const allowed: string[] = []
    for (const resource of resources) {
      for (const verb of verbs) {
        if (await may(verb, resource)) allowed.push(`${verb} ${resource}`)
      }
    }
    if (await may('create', 'pods', 'exec')) allowed.push('create pods/exec')
    assert.deepEqual(allowed, ['list pods', 'watch pods'])
  })
})
