import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { otlpGrpc } from '../../exporters/otlp_grpc/factory.ts'
import { tracesCodec } from '../../pipeline/codec/signal_codec.ts'
import { traceBatch } from '../../pipeline/data/batch.ts'
import { scanRequest } from '../../pipeline/data/request.ts'
import { reloads } from '../size.ts'
import { later, testContext } from '../support/context.ts'
import { freePort } from '../support/ports.ts'
import { resourceSpans, span } from '../support/telemetry.ts'

const MAIN = fileURLToPath(new URL('../../cli/main.js', import.meta.url))
const SPANS = 5
const SENDERS = 4
/** Between two reloads, so that each finds traffic as it is. */
const REQUESTS = 100
const READY = 'Everything is ready.'
const AT_WORK = 'The new configuration is at work.'

/** Keeps the names of all spans that it is sent. */
async function backend(t: TestContext) {
  const names: string[] = []
  const server = http.createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    const read = scanRequest(tracesCodec, Buffer.concat(parts), () => undefined)
    assert(read.kind === 'batch')
    for (const { scopeSpans } of read.batch.resources()) {
      names.push(...scopeSpans.flatMap(({ spans }) => spans.map(({ name }) => name)))
    }
    response.writeHead(200).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { names, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

interface Ports {
  readonly http: number
  readonly grpc: number
}

/** The n-th configuration; each differs from the one before in some components and not in others. */
function configuration(n: number, ports: Ports, endpoint: string): string {
  const tag = { actions: [{ key: 'n', value: n, action: 'upsert' }] }
  return JSON.stringify({
    receivers: {
      otlp: {
        protocols: {
          http: { endpoint: `127.0.0.1:${ports.http}`, include_metadata: n % 2 === 0 },
          grpc: { endpoint: `127.0.0.1:${ports.grpc}` },
        },
      },
    },
    processors: { batch: { timeout: n % 5 === 4 ? '20ms' : '10ms' }, attributes: tag },
    connectors: { forward: {} },
    exporters: {
      otlp_http: {
        endpoint,
        compression: 'none',
        headers: { 'x-reload': n % 3 === 0 ? 'a' : 'b' },
        retry_on_failure: { initial_interval: '10ms' },
      },
    },
    service: {
      // Each reload must be heard of: more than ten in ten seconds are left out of the log otherwise.
      telemetry: { metrics: { level: 'none' }, logs: { sampling: { enabled: false } } },
      pipelines: {
        'traces/in': {
          receivers: ['otlp'],
          processors: n % 4 === 1 ? ['attributes', 'batch'] : ['batch'],
          exporters: ['forward'],
        },
        'traces/out': { receivers: ['forward'], exporters: ['otlp_http'] },
        ...(n % 4 === 2 && { logs: { receivers: ['otlp'], exporters: ['otlp_http'] } }),
      },
    },
  })
}

/** A running weir, whose log can be waited for. */
async function start(t: TestContext, file: string) {
  const weir = spawn(process.execPath, [MAIN, 'run', '--config', file], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  weir.setMaxListeners(0)
  t.after(() => weir.kill('SIGKILL'))
  const lines: string[] = []
  let look: () => void = () => undefined
  createInterface({ input: weir.stderr }).on('line', (line) => {
    lines.push(line)
    look()
  })
  const says = (text: string, count = 1) =>
    new Promise<void>((resolve, reject) => {
      look = () => {
        if (lines.some((line) => line.includes('runs on.'))) reject(new Error(lines.join('\n')))
        if (lines.filter((line) => line.includes(text)).length >= count) resolve()
      }
      weir.once('exit', () => reject(new Error(lines.join('\n'))))
      look()
    })
  await says(READY)
  return { weir, says, lines }
}

let lastName = 0
let requests = 0
let onRequest: () => void = () => undefined

function request() {
  requests += 1
  onRequest()
  const names = Array.from({ length: SPANS }, () => `span ${++lastName}`)
  return { names, batch: traceBatch([resourceSpans(names.map((name) => span({ name })))]) }
}

const moreRequests = (count: number) =>
  new Promise<void>((resolve) => {
    const enough = requests + count
    onRequest = () => {
      if (requests >= enough) resolve()
    }
  })

/** Sends over one connection until told to stop; any failure is one of the test. */
async function sendHttp(port: number, isOver: () => boolean): Promise<string[]> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  const sent: string[] = []
  while (!isOver()) {
    const { names, batch } = request()
    const status = await new Promise<number>((resolve, reject) => {
      const headers = { 'content-type': 'application/x-protobuf' }
      const options = { agent, port, method: 'POST', path: '/v1/traces', headers }
      const post = http.request({ host: '127.0.0.1', ...options }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0))
      })
      post.on('error', reject).end(batch.toProtobuf())
    })
    assert.equal(status, 200)
    sent.push(...names)
  }
  agent.destroy()
  return sent
}

/** The same over gRPC, where a call that was not taken is begun again. */
async function sendGrpc(port: number, isOver: () => boolean): Promise<string[]> {
  const config = otlpGrpc.schema.parse({
    endpoint: `127.0.0.1:${port}`,
    tls: { insecure: true },
    sending_queue: { enabled: false },
    retry_on_failure: { initial_interval: '10ms' },
  })
  const exporter = otlpGrpc.create.traces?.(testContext().ctx, config)
  assert(exporter !== undefined)
  await exporter.start()
  const sent: string[] = []
  while (!isOver()) {
    const { names, batch } = request()
    await exporter.consume(batch, {})
    sent.push(...names)
  }
  await exporter.shutdown(later())
  return sent
}

const exit = (weir: ChildProcess) => once(weir, 'exit')

test(`${reloads} reloads under load lose no span and double none`, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-reload-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'weir.yaml')
  const { names, url } = await backend(t)
  const ports = { http: await freePort(), grpc: await freePort() }
  writeFileSync(file, configuration(0, ports, url))
  const { weir, says, lines } = await start(t, file)
  let over = false
  const isOver = () => over
  const senders = Array.from({ length: SENDERS }, () => sendHttp(ports.http, isOver))
  const sending = Promise.all([...senders, sendGrpc(ports.grpc, isOver)])
  for (let n = 1; n <= reloads; n++) {
    writeFileSync(file, configuration(n, ports, url))
    weir.kill('SIGHUP')
    await Promise.race([says(AT_WORK, n), sending])
    await Promise.race([moreRequests(REQUESTS), sending])
  }
  over = true
  const sent = (await sending).flat()
  weir.kill('SIGTERM')
  assert.deepEqual(await exit(weir), [0, null], lines.join('\n'))
  t.diagnostic(`${sent.length} spans over ${reloads} reloads`)
  assert.equal(new Set(names).size, names.length, 'no span twice')
  assert.deepEqual(names.toSorted(), sent.toSorted())
})
