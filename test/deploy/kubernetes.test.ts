import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { kubernetesFields } from '../../receivers/ebpf/kubernetes/fields.ts'
import { KubernetesPods } from '../../receivers/ebpf/kubernetes/pods.ts'
import { testContext } from '../support/context.ts'
import { K8sApi } from '../support/k8s_api.ts'
import { withKubeConfig } from '../support/kube_config.ts'
import { plainManifests } from '../support/manifests.ts'
import { PODS, podObject } from '../support/pod_objects.ts'

const WEIR = fileURLToPath(new URL('../../../bin/weir', import.meta.url))
/** Without the ebpf receiver nothing is tried, and what it needs is told all the same. */
const NOTHING = `yaml:${JSON.stringify({
  receivers: { nop: {} },
  exporters: { nop: {} },
  service: { pipelines: { traces: { receivers: ['nop'], exporters: ['nop'] } } },
})}`

describe('the manifests for Kubernetes', () => {
  const manifests = plainManifests()
  const config = manifests.find(({ kind }) => kind === 'ConfigMap')?.data?.['agent.yaml'] ?? ''
  const template = manifests.find(({ kind }) => kind === 'DaemonSet')?.spec?.template
  const container = template?.spec.containers[0]
  const run = (args: readonly string[], variables: Readonly<Record<string, string>> = {}) => {
    const env = { PATH: process.env['PATH'], ...variables }
    return execFileSync(WEIR, args, { encoding: 'utf8', env })
  }

  test('carry a configuration that weir takes, with the variables that they set', () => {
    const variables = container?.env.map(({ name, value = 'told' }) => [name, value]) ?? []
    assert.match(config, /\$\{env:OTLP_ENDPOINT\}/)
    assert.equal(run(['validate', `--config=yaml:${config}`], Object.fromEntries(variables)), '')
    assert.ok(container?.args.includes('--config=/etc/weir/agent.yaml'))
  })

  test('allow what selectors by pods ask for, and no more', async (t) => {
    const api = new K8sApi()
    api.create(PODS)
    api.put(PODS, podObject('cart'))
    await api.listen()
    const known = Promise.withResolvers<void>()
    const pods = new KubernetesPods({
      ctx: testContext('ebpf').ctx,
      config: kubernetesFields.parse({ node: 'n1' }),
      onChange: () => known.resolve(),
      onRefused: () => known.reject(new Error('nobody is asked')),
    })
    t.after(async () => {
      await pods.stop()
      await api.close()
    })
    await withKubeConfig(api.url, async () => {
      pods.follow({ any: true, keys: new Set() })
      await known.promise
    })
    while (api.requests.length < 2) await new Promise((resolve) => setImmediate(resolve))
    const asked = api.requests.map((path) => (path.includes('watch=1') ? 'watch' : 'list'))
    assert.ok(api.requests.every((path) => path.startsWith(`${PODS}?`)))
    const rules = manifests.find(({ kind }) => kind === 'ClusterRole')?.rules
    assert.deepEqual(rules, [{ apiGroups: [''], resources: ['pods'], verbs: asked }])
  })

  test('have the security context that weir doctor prints', () => {
    const { securityContext } = JSON.parse(run(['doctor', '--json', '--config', NOTHING])) as {
      securityContext: { readonly capabilities: { readonly add: readonly string[] } }
    }
    const { capabilities, ...others } = securityContext
    // Of kernels before 5.11 alone: docs/kubernetes.md says so.
    const add = capabilities.add.filter((name) => name !== 'SYS_RESOURCE')
    assert.deepEqual(container?.securityContext, {
      ...others,
      capabilities: { ...capabilities, add },
    })
  })
})
