import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { describe, test } from 'node:test'
import { KubeClient } from '../../pipeline/k8s/client.ts'
import type { Access } from '../../pipeline/k8s/kube_config.ts'
import { makeCertificates } from '../../test/support/certificates.ts'
import { K8sApi } from '../../test/support/k8s_api.ts'
import { ID, PODS, podObject } from '../../test/support/pod_objects.ts'
import { connected } from './testing.ts'

const NAMES = { extract: { metadata: ['k8s.pod.name'] } }
const NOW = { ...NAMES, wait_for_metadata_timeout: '0s', wait_for_metadata: false }
/** Who asks without a name. */
const NOBODY: Omit<Access, 'server'> = {
  ca: undefined,
  skipVerify: false,
  cert: undefined,
  key: undefined,
  token: undefined,
  tokenFile: undefined,
}

describe('settings', () => {
  test('pod_delete_grace_period: how long a pod that is gone is known', async (t) => {
    const config = { ...NOW, pod_delete_grace_period: '1s' }
    const run = await connected(t, config, (api) => api.put(PODS, podObject('web')))
    await run.heard('added', 1)
    run.api.remove(PODS, 'uid-web')
    await run.heard('deleted', 1)
    assert.equal((await run.after({ 'container.id': ID }))?.['k8s.pod.name'], 'web')
    run.skip(1100)
    run.api.put(PODS, podObject('later', { ip: '10.0.0.9', containers: [] }))
    await run.heard('added', 2)
    assert.equal((await run.after({ 'container.id': ID }))?.['k8s.pod.name'], undefined)
  })

  test('exclude: other pods than those of Jaeger', async (t) => {
    const config = { ...NAMES, exclude: { pods: [{ name: '^web' }] } }
    const run = await connected(t, config, (api) => {
      api.put(PODS, podObject('web', { containers: [] }))
      api.put(PODS, podObject('jaeger-agent-x', { ip: '10.0.0.2' }))
    })
    assert.deepEqual(await run.after({}, '10.0.0.1'), {})
    assert.equal((await run.after({}, '10.0.0.2'))?.['k8s.pod.name'], 'jaeger-agent-x')
  })

  test('watch_sync_period: how long a watch lasts', async (t) => {
    const run = await connected(t, { ...NAMES, watch_sync_period: '77s' }, (api) =>
      api.put(PODS, podObject('web')),
    )
    while (!run.api.requests.some((one) => one.includes('timeoutSeconds=77'))) {
      await new Promise((resolve) => setImmediate(resolve))
    }
  })

  test('watch_sync_period: 0 is the default', async (t) => {
    const run = await connected(t, { ...NAMES, watch_sync_period: '0s' }, (api) =>
      api.put(PODS, podObject('web')),
    )
    while (!run.api.requests.some((one) => one.includes('timeoutSeconds=300'))) {
      await new Promise((resolve) => setImmediate(resolve))
    }
  })

  test('auth_type: without a pod around it there is no service account', async (t) => {
    await assert.rejects(
      connected(t, { ...NAMES, auth_type: 'serviceAccount' }),
      /unable to load k8s config/,
    )
  })

  test('kube_api_qps and kube_api_burst: more requests than the burst wait for their turn', async (t) => {
    const api = new K8sApi()
    api.create(PODS)
    await api.listen()
    t.after(() => api.close())
    const server = new URL(api.url)
    const client = new KubeClient({ access: { ...NOBODY, server }, qps: 20, burst: 2 })
    t.after(() => client.close())
    const began = performance.now()
    for (let i = 0; i < 4; i++) await client.get(PODS, new AbortController().signal)
    assert(performance.now() - began >= 2 * 50 - 5)
  })
})

describe('kubelet', () => {
  test('enabled: asks it alone, again after poll_interval', async (t) => {
    const kubelet = new K8sApi()
    kubelet.put('/pods', podObject('web'))
    await kubelet.listen()
    t.after(() => kubelet.close())
    const settings = { enabled: true, endpoint: kubelet.url, poll_interval: '100ms' }
    const run = await connected(t, { ...NOW, filter: { node: 'n1' }, kubelet: settings })
    await run.heard('added', 1)
    assert.equal((await run.after({}, '10.0.0.1'))?.['k8s.pod.name'], 'web')
    kubelet.put('/pods', podObject('later', { ip: '10.0.0.9', containers: [] }))
    await run.heard('added', 2)
    assert.equal((await run.after({}, '10.0.0.9'))?.['k8s.pod.name'], 'later')
    assert(!run.api.requests.some((one) => one.startsWith(PODS)))
  })

  test('insecure_skip_verify: its certificate is its own', async (t) => {
    const { serverCert, serverKey } = makeCertificates()
    const tls = { cert: readFileSync(serverCert), key: readFileSync(serverKey) }
    const server = https.createServer(tls, (_request, response) =>
      response.end(JSON.stringify({ items: [podObject('web')] })),
    )
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.after(() => server.close().closeAllConnections())
    const endpoint = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
    const settings = { enabled: true, endpoint, insecure_skip_verify: true }
    const run = await connected(t, { ...NAMES, filter: { node: 'n1' }, kubelet: settings })
    assert.equal((await run.after({}, '10.0.0.1'))?.['k8s.pod.name'], 'web')
  })
})
