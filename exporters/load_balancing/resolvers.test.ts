import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { testContext } from '../../test/support/context.ts'
import { K8sApi } from '../../test/support/k8s_api.ts'
import { schema } from './config.ts'
import { type Lookup, resolverOf } from './resolvers.ts'

/** What a resolver has said last; `until` waits for that. */
function resolver(t: TestContext, config: object, ask?: Lookup) {
  const { ctx, lines } = testContext()
  const made = resolverOf(ctx, schema.parse({ resolver: config }).resolver, ask)
  const heard: (readonly string[])[] = []
  t.after(() => made.stop())
  const until = async (want: readonly string[]) => {
    const end = Date.now() + 20_000
    while (heard.at(-1)?.join() !== want.join() && Date.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    assert.deepEqual(heard.at(-1), want)
  }
  return { start: () => made.start((all) => heard.push(all)), heard, lines, until }
}

describe('the dns resolver', () => {
  test('asks anew, and keeps the backends while there is no answer', async (t) => {
    let answer: readonly string[] | undefined = ['10.0.0.2', '10.0.0.1', '::1']
    let asked = 0
    const ask: Lookup = () => {
      asked += 1
      return answer === undefined ? Promise.reject(new Error('SERVFAIL')) : Promise.resolve(answer)
    }
    const dns = { hostname: 'backends.example', port: 5317, interval: '10ms' }
    const { start, heard, lines, until } = resolver(t, { dns }, ask)
    await start()
    assert.deepEqual(heard.at(-1), ['10.0.0.1:5317', '10.0.0.2:5317', '[::1]:5317'])
    answer = ['10.0.0.3']
    await until(['10.0.0.3:5317'])
    answer = undefined
    const [before, times] = [asked, heard.length]
    const end = Date.now() + 20_000
    while (asked < before + 3 && Date.now() < end) await new Promise((r) => setTimeout(r, 5))
    assert(heard.length <= times + 1)
    assert.deepEqual(heard.at(-1), ['10.0.0.3:5317'])
    assert.match(lines.join('\n'), /failed to resolve; the backends stay.*SERVFAIL/)
  })

  test('a name of this machine', async (t) => {
    const { start, heard } = resolver(t, { dns: { hostname: 'localhost', interval: '1h' } })
    await start()
    assert(heard.at(-1)?.includes('127.0.0.1'), JSON.stringify(heard))
  })
})

describe('the k8s resolver', () => {
  const SLICES = '/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices'
  const slice = (uid: string, hosts: readonly (readonly [string, boolean?])[]) => ({
    metadata: {
      name: uid,
      uid,
      namespace: 'shop',
      labels: { 'kubernetes.io/service-name': 'gateway' },
    },
    endpoints: hosts.map(([address, ready], i) => ({
      addresses: [address],
      hostname: `gateway-${i}`,
      conditions: { ...(ready !== undefined && { ready }) },
    })),
  })

  async function cluster(t: TestContext) {
    const api = new K8sApi()
    await api.listen()
    api.create(SLICES)
    const directory = mkdtempSync(path.join(tmpdir(), 'weir-kube-'))
    const file = path.join(directory, 'config')
    const kubeConfig = {
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'k', user: 'u' } }],
      clusters: [{ name: 'k', cluster: { server: api.url } }],
      users: [{ name: 'u', user: {} }],
    }
    writeFileSync(file, JSON.stringify(kubeConfig))
    process.env['KUBECONFIG'] = file
    t.after(async () => {
      delete process.env['KUBECONFIG']
      rmSync(directory, { recursive: true })
      await api.close()
    })
    return api
  }

  test('follows the slices of a service; pods that are not ready are none', async (t) => {
    const api = await cluster(t)
    api.put(SLICES, slice('a', [['10.0.0.2'], ['10.0.0.1', true], ['10.0.0.9', false]]))
    const k8s = { service: 'gateway.shop' }
    const { start, heard, until } = resolver(t, { k8s })
    await start()
    assert.deepEqual(heard.at(-1), ['10.0.0.1:4317', '10.0.0.2:4317'])
    api.put(SLICES, slice('b', [['fd00::1']]))
    await until(['10.0.0.1:4317', '10.0.0.2:4317', '[fd00::1]:4317'])
    api.put(SLICES, slice('a', [['10.0.0.2']]))
    await until(['10.0.0.2:4317', '[fd00::1]:4317'])
    api.remove(SLICES, 'b')
    await until(['10.0.0.2:4317'])
    api.compact()
    api.endWatches(true)
    api.put(SLICES, slice('c', [['10.0.0.3']]))
    await until(['10.0.0.2:4317', '10.0.0.3:4317'])
  })

  test('names of pods, and several ports', async (t) => {
    const api = await cluster(t)
    api.put(SLICES, slice('a', [['10.0.0.1'], ['10.0.0.2']]))
    const service = 'gateway.shop.svc.cluster.local'
    const k8s = { service, ports: [1, 2], return_hostnames: true }
    const { start, heard } = resolver(t, { k8s })
    await start()
    assert.deepEqual(heard.at(-1), [
      'gateway-0.gateway.shop:1',
      'gateway-0.gateway.shop:2',
      'gateway-1.gateway.shop:1',
      'gateway-1.gateway.shop:2',
    ])
  })
})
