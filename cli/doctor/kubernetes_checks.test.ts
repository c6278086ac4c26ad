import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ebpf } from '../../receivers/ebpf/factory.ts'
import { K8sApi } from '../../test/support/k8s_api.ts'
import { withKubeConfig } from '../../test/support/kube_config.ts'
import { PODS } from '../../test/support/pod_objects.ts'
import { kubernetesChecks } from './kubernetes_checks.ts'

const LABELS = { discovery: { instrument: [{ k8s_pod_labels: { app: 'cart' } }] } }

/** `state detail fix` of what a receiver with these settings asks of a server. */
async function checked(config: object, prepare: (api: K8sApi) => void = () => undefined) {
  const api = new K8sApi()
  api.create(PODS)
  prepare(api)
  await api.listen()
  const parts = { processors: [], exporters: [], receivers: ['ebpf'] }
  const checks = await withKubeConfig(api.url, () =>
    kubernetesChecks({
      receivers: new Map([['ebpf', { factory: ebpf, config: ebpf.schema.parse(config) }]]),
      pipelines: new Map([['traces', { ...parts, signal: 'traces' }]]),
    }),
  )
  await api.close()
  return checks.map(({ state, detail, fix }) => [state, detail, fix].join(' | ')).join()
}

const onNode = (kubernetes: object = {}) => ({
  ...LABELS,
  attributes: { kubernetes: { node: 'n1', ...kubernetes } },
})

describe('weir doctor: pods', () => {
  type Case = [name: string, config: object, prepare: (api: K8sApi) => void, want: RegExp]
  const nothing = () => undefined
  const cases: Case[] = [
    ['are told', onNode(), nothing, /^ok \| told, of node n1 \| $/],
    ['are no matter of a receiver that asks for none', {}, nothing, /^$/],
    ['of all nodes', LABELS, nothing, /^degraded \| those of all nodes .* NODE_NAME/],
    [
      'are forbidden',
      onNode(),
      (api) => api.forbidden.add(PODS),
      /^degraded \| .*403.* \| allow the service account to list and watch pods/,
    ],
    ['fail', onNode(), (api) => api.failNext(9), /^degraded \| .*500.* \| look at the address/],
    [
      'are asked for nowhere',
      onNode({ kubeconfig_path: '/none/such' }),
      nothing,
      /^degraded \| .*\/none\/such.* \| set attributes::kubernetes::kubeconfig_path/,
    ],
  ]
  for (const [name, config, prepare, want] of cases) {
    test(name, async () => assert.match(await checked(config, prepare), want))
  }
})
