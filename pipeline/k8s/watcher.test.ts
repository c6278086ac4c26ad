import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { K8sApi } from '../../test/support/k8s_api.ts'
import { KubeClient, type KubeError } from './client.ts'
import type { Access } from './kube_config.ts'
import { Watcher, type WatchOptions } from './watcher.ts'

const PODS = '/api/v1/pods'

const pod = (name: string, node = 'n1') => ({
  metadata: { name, uid: `uid-${name}`, namespace: 'shop', labels: { app: name } },
  spec: { nodeName: node },
})

/** A watcher of a fresh server, and what it knows. */
async function watching(
  t: TestContext,
  prepare: (api: K8sApi) => void = () => undefined,
  more: Partial<WatchOptions> & { readonly tokenFile?: string } = {},
) {
  const { tokenFile, ...options } = more
  const api = new K8sApi()
  prepare(api)
  await api.listen()
  const access: Access = {
    server: new URL(api.url),
    ca: undefined,
    skipVerify: false,
    cert: undefined,
    key: undefined,
    token: undefined,
    tokenFile,
  }
  const client = new KubeClient({ access, qps: 1000, burst: 100 })
  const known = new Set<string>()
  let listed = new Set<string>()
  const errors: KubeError[] = []
  let wake = Promise.withResolvers<void>()
  const happened = () => {
    wake.resolve()
    wake = Promise.withResolvers<void>()
  }
  const nameOf = (object: unknown) => (object as ReturnType<typeof pod>).metadata.name
  const watcher = new Watcher(
    client,
    { path: PODS, periodS: 300, ...options },
    {
      begin: () => {
        listed = new Set()
      },
      put: (object) => {
        known.add(nameOf(object))
        listed.add(nameOf(object))
        happened()
      },
      remove: (object) => {
        known.delete(nameOf(object))
        happened()
      },
      end: () => {
        for (const name of known) if (!listed.has(name)) known.delete(name)
      },
    },
    {
      failed: (error) => {
        errors.push(error)
        happened()
      },
      synced: happened,
    },
  )
  watcher.start()
  t.after(async () => {
    await watcher.stop()
    client.close()
    await api.close()
  })
  const until = async (condition: () => boolean) => {
    while (!condition()) await wake.promise
  }
  const knows = (...names: string[]) =>
    until(() => names.length === known.size && names.every((name) => known.has(name)))
  return { api, watcher, known, errors, until, knows }
}

const lists = (api: K8sApi) => api.requests.filter((one) => !one.includes('watch=1'))
const watches = (api: K8sApi) => api.requests.filter((one) => one.includes('watch=1'))

describe('Watcher', () => {
  test('lists, then follows what changes', async (t) => {
    const { api, knows } = await watching(t, (one) => one.put(PODS, pod('a')))
    await knows('a')
    api.put(PODS, pod('b'))
    await knows('a', 'b')
    api.put(PODS, pod('a'))
    api.remove(PODS, 'uid-a')
    await knows('b')
    assert.equal(lists(api).length, 1)
    assert.match(watches(api)[0] ?? '', /resourceVersion=101&timeoutSeconds=300/)
  })

  test('lists in pages', async (t) => {
    const names = Array.from({ length: 1201 }, (_, i) => `p${i}`)
    const { api, knows } = await watching(t, (one) => {
      for (const name of names) one.put(PODS, pod(name))
    })
    await knows(...names)
    assert.equal(lists(api).length, 3)
  })

  test('selects by fields and labels', async (t) => {
    const prepare = (one: K8sApi) => {
      for (const each of [pod('a'), pod('b', 'n2'), pod('c')]) one.put(PODS, each)
    }
    const selectors = { fieldSelector: 'spec.nodeName=n1', labelSelector: 'app!=c' }
    const { api, knows } = await watching(t, prepare, selectors)
    await knows('a')
    api.put(PODS, pod('d', 'n2'))
    api.put(PODS, pod('e'))
    await knows('a', 'e')
  })

  test('goes on from the last version when a watch ends, bookmarks counted', async (t) => {
    const { api, knows } = await watching(t, (one) => one.put(PODS, pod('a')))
    await knows('a')
    api.put('/api/v1/nodes', pod('other'))
    api.put(PODS, pod('b'))
    await knows('a', 'b')
    api.bookmark()
    api.put(PODS, pod('c'))
    await knows('a', 'b', 'c')
    api.endWatches()
    api.put(PODS, pod('d'))
    await knows('a', 'b', 'c', 'd')
    assert.equal(lists(api).length, 1)
    assert.match(watches(api)[1] ?? '', /resourceVersion=104/)
  })

  for (const [name, end] of [
    ['the answer 410', (api: K8sApi) => api.endWatches()],
    ['an event that says 410', (api: K8sApi) => api.endWatches(true)],
  ] as const) {
    test(`lists again after ${name}; what went meanwhile is gone`, async (t) => {
      const { api, knows } = await watching(t, (one) => {
        one.put(PODS, pod('a'))
        one.put(PODS, pod('b'))
      })
      await knows('a', 'b')
      api.put(PODS, pod('c'))
      await knows('a', 'b', 'c')
      api.endWatches(name !== 'the answer 410')
      api.remove(PODS, 'uid-a')
      api.compact()
      end(api)
      await knows('b', 'c')
      assert.equal(lists(api).length, 2)
    })
  }

  test('outlives broken connections and failing answers', async (t) => {
    const { api, knows, errors, until } = await watching(t, (one) => one.put(PODS, pod('a')))
    await knows('a')
    api.put(PODS, pod('b'))
    await knows('a', 'b')
    api.failNext(1)
    api.breakWatches()
    await until(() => errors.length >= 2)
    api.put(PODS, pod('c'))
    await knows('a', 'b', 'c')
    assert.deepEqual(
      errors.map(({ status }) => status),
      [0, 500],
    )
    assert.match(errors[1]?.message ?? '', /500 .*leader changed/)
  })

  test('reads its token anew when the server has changed it', async (t) => {
    const directory = mkdtempSync(path.join(tmpdir(), 'weir-token-'))
    t.after(() => rmSync(directory, { recursive: true }))
    const tokenFile = path.join(directory, 'token')
    writeFileSync(tokenFile, 'first\n')
    const prepare = (one: K8sApi) => {
      one.token = 'first'
      one.put(PODS, pod('a'))
    }
    const { api, knows, errors } = await watching(t, prepare, { tokenFile })
    await knows('a')
    api.put(PODS, pod('b'))
    await knows('a', 'b')
    writeFileSync(tokenFile, 'second\n')
    api.token = 'second'
    api.endWatches()
    api.put(PODS, pod('c'))
    await knows('a', 'b', 'c')
    assert.deepEqual(errors, [])
  })

  test('says what is forbidden', async (t) => {
    const { errors, until } = await watching(t, (one) => one.forbidden.add(PODS))
    await until(() => errors.length > 0)
    assert.equal(errors[0]?.status, 403)
    assert.match(
      errors[0]?.message ?? '',
      /GET \/api\/v1\/pods.*403 Forbidden: \/api\/v1\/pods is forbidden/,
    )
  })
})
