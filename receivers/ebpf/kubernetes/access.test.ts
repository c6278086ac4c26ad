import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { K8sApi } from '../../../test/support/k8s_api.ts'
import { withKubeConfig } from '../../../test/support/kube_config.ts'
import { kubernetesAccess, ownNode } from './access.ts'
import { kubernetesFields } from './fields.ts'

const IN_POD = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' }
const of = (settings: object) => kubernetesFields.parse(settings)

describe('the node that this is', () => {
  type Case = [name: string, settings: object, env: Record<string, string>, want: string]
  const cases: Case[] = [
    ['as configured', { node: 'n1' }, { NODE_NAME: 'n2' }, 'n1'],
    [
      'by a variable that is named',
      { node_from_env_var: 'ME' },
      { ME: 'n3', NODE_NAME: 'n2' },
      'n3',
    ],
    ['by one of the usual variables', {}, { KUBE_NODE_NAME: 'n5', K8S_NODE_NAME: 'n4' }, 'n4'],
    ['not known', { node_from_env_var: 'ME' }, { NODE_NAME: 'n2' }, ''],
  ]
  for (const [name, settings, env, want] of cases) {
    test(name, () => assert.equal(ownNode(of(settings), env), want))
  }
})

describe('who is asked', () => {
  const serverOf = (settings: object, env: Record<string, string | undefined>) =>
    kubernetesAccess(of(settings), env).server.href

  test('the server of a kubeconfig, by its path or by KUBECONFIG', async () => {
    const api = new K8sApi()
    await api.listen()
    const url = new URL(api.url).href
    await withKubeConfig(api.url, () => {
      const file = process.env['KUBECONFIG']
      assert.equal(serverOf({}, { ...IN_POD, KUBECONFIG: file }), url)
      assert.equal(serverOf({ kubeconfig_path: file }, { KUBECONFIG: '/none/such' }), url)
      assert.throws(
        () => serverOf({ context: 'there' }, { KUBECONFIG: file }),
        /no context "there"/,
      )
      return Promise.resolve()
    })
    await api.close()
  })

  test('else that of the pod, and what is missing for it', () => {
    assert.equal(serverOf({ auth_type: 'none' }, IN_POD), 'https://10.96.0.1/')
    assert.throws(() => serverOf({}, {}), /weir is in no pod/)
  })
})
