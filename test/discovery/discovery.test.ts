import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type Agent, startWeir } from '../truth/agent.ts'
import { pathOf } from '../truth/compare.ts'
import { type ReceivedSpan, type Sink, startSink } from '../truth/sink.ts'
import { PROGRAMS, type Service, startService } from './services.ts'

const WAIT_MS = 20_000
/** Rounds of requests until the SDK's own export has come to count; one takes some 50 ms. */
const ROUNDS_MAX = 300

const configOf = (endpoint: string, folder: string) =>
  JSON.stringify({
    receivers: {
      ebpf: {
        routes: { patterns: ['/shop/{item}'], ignored_patterns: ['/health'] },
        discovery: {
          instrument: [
            { cmd_args: `*${folder}/*`, namespace: 'acme' },
            { languages: 'python', cmd_args: `*${folder}/*`, name: 'control' },
            { cmd_args: '*silent*', exports: ['metrics'] },
          ],
        },
      },
    },
    exporters: { otlp_http: { endpoint, encoding: 'json', compression: 'none' } },
    service: {
      pipelines: { traces: { receivers: ['ebpf'], exporters: ['otlp_http'] } },
      telemetry: { metrics: { level: 'none' } },
    },
  })

describe('which processes make spans, and under which name', () => {
  let folder: string
  let sink: Sink
  let agent: Agent | undefined
  let control: Service
  let gateway: Service
  let instrumented: Service
  const services: Service[] = []

  const start = async (...args: Parameters<typeof startService>) => {
    const service = await startService(...args)
    services.push(service)
    return service
  }
  const ofPath = (path: string) => sink.spans.filter((span) => pathOf(span) === path)
  const byWeir = (path: string) => ofPath(path).filter((span) => !span.attributes.has('made.by'))
  const arrived = (enough: (spans: readonly ReceivedSpan[]) => boolean) =>
    sink.settled(enough, WAIT_MS)
  /** Asks, and asks the control after that: once its spans are there, so are those of the service, if there are any. */
  const spansOf = async (service: Service, path: string) => {
    await service.get(path)
    for (const last of ['-1', '-2']) {
      await control.get(path + last)
      await arrived(() => byWeir(path + last).length > 0)
    }
    return byWeir(path)
  }

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'weir-discovery-'))
    cpSync(PROGRAMS, folder, { recursive: true })
    writeFileSync(join(folder, 'package.json'), '{"name": "@acme/gate", "version": "1.2.3"}')
    sink = await startSink()
    control = await start(['python3', join(folder, 'plain.py')])
    agent = await startWeir(configOf(sink.endpoint, folder))
    gateway = await start([process.execPath, join(folder, 'gateway.mjs'), sink.endpoint])
    // Beside this checkout's packages.
    const sdk = join(PROGRAMS, 'instrumented.mjs')
    const target = `http://127.0.0.1:${gateway.port}`
    instrumented = await start([process.execPath, sdk, target, `${folder}/x`])
  })
  after(async () => {
    for (const service of services) await service.stop()
    await agent?.stop()
    await sink.close()
    rmSync(folder, { recursive: true })
  })

  test('a service that is older than weir, named by its entry', async () => {
    const [span] = await spansOf(control, '/old')
    const { resource } = span ?? {}
    const keys = ['service.name', 'service.namespace', 'process.pid', 'telemetry.sdk.language']
    const found = keys.map((key) => resource?.get(key))
    assert.deepEqual(found, ['control', 'acme', control.pid, 'python'])
    assert.match(String(resource?.get('process.runtime.version')), /^3\./)
    const started = Date.parse(String(resource?.get('process.creation.time')))
    assert.ok(Math.abs(Date.now() - started) < 600_000, new Date(started).toISOString())
  })

  test('a service of Node is named by its package', async () => {
    const [span] = await spansOf(gateway, '/named')
    const keys = ['service.name', 'service.version', 'process.runtime.name']
    const found = keys.map((key) => span?.resource.get(key))
    assert.deepEqual(found, ['@acme/gate', '1.2.3', 'nodejs'])
  })

  test('a service whose SDK exports traces makes none by weir, once that is seen', async () => {
    let round = 0
    while ((await spansOf(instrumented, `/sdk/${round}`)).length > 0) {
      assert.ok(++round < ROUNDS_MAX, 'weir does not see that it exports traces')
    }
    assert.ok(round > 0, 'weir saw the service before it was known to export')
    for (let i = 1; i <= 5; i++) {
      const path = `/sdk/${round + i}`
      assert.deepEqual(await spansOf(instrumented, path), [])
      await arrived(() => ofPath(path).length > 0)
      assert.equal(ofPath(path).length, 1, 'its own span')
    }
  })

  test('the gateway that passed these traces on is watched still', async () => {
    assert.equal((await spansOf(gateway, '/after')).length, 1)
  })

  test('spans are named by patterns, by what is learned, and not at all', async () => {
    const names = async (path: string) =>
      (await spansOf(control, path)).map(({ name, attributes }) => [
        name,
        attributes.get('http.route'),
      ])
    assert.deepEqual(await names('/shop/shoes'), [['GET /shop/{item}', '/shop/{item}']])
    assert.deepEqual(await names('/users/4711'), [['GET /users/*', '/users/*']])
    assert.deepEqual(await names('/health'), [])
  })

  test('without traces in exports there are none', async () => {
    const silent = await start(['python3', join(folder, 'plain.py'), 'silent'])
    assert.deepEqual(await spansOf(silent, '/silent'), [])
  })
})
