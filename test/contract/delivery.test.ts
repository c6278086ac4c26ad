import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import http from 'node:http'
import http2 from 'node:http2'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, type TestContext, test } from 'node:test'
import { object } from '../../config/fields.ts'
import { otlpGrpc } from '../../exporters/otlp_grpc/factory.ts'
import { otlpHttp } from '../../exporters/otlp_http/factory.ts'
import { fileStorage } from '../../extensions/file_storage/factory.ts'
import { tracesCodec } from '../../pipeline/codec/signal_codec.ts'
import { type Consumer, defineReceiver, RefusedError, stateless } from '../../pipeline/component.ts'
import type { TraceBatch } from '../../pipeline/data/batch.ts'
import { scanRequest } from '../../pipeline/data/request.ts'
import { Graph } from '../../pipeline/graph.ts'
import type { PipelineConfig } from '../../pipeline/graph_config.ts'
import { encodeStatus } from '../../pipeline/net/grpc_status.ts'
import { batch } from '../../processors/batch/factory.ts'
import { later, testContext } from '../support/context.ts'
import { spans } from '../support/telemetry.ts'

const BATCHES = 150
const SPANS = 7

/** How the backend answers: `cut` closes the connection without an answer, `late` after it has kept the spans. */
type Answer = 200 | 400 | 429 | 500 | 503 | 'cut' | 'late'

/** The same sequence for the same seed. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

/** A backend that keeps the names of the spans of each request that it says, or would say, 200 to. */
async function httpBackend(t: TestContext, answers: readonly Answer[]) {
  const next = random(7)
  const kept: string[] = []
  const server = http.createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    const answer = answers[Math.floor(next() * answers.length)] ?? 200
    if (answer === 200 || answer === 'late') kept.push(...namesOf(Buffer.concat(parts)))
    if (typeof answer === 'string') response.destroy()
    else response.writeHead(answer, answer === 429 ? { 'retry-after': '0' } : {}).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { kept, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

const GRPC_STATUS = { 200: 0, 400: 3, 429: 8, 500: 13, 503: 14 } as const

/** The same over gRPC: `cut` resets the call, `session` ends the connection with all of its calls. */
async function grpcBackend(t: TestContext, answers: readonly (Answer | 'session')[]) {
  const next = random(7)
  const kept: string[] = []
  const server = http2.createServer()
  server.on('session', (session) => t.after(() => session.destroy()))
  server.on('stream', (stream: http2.ServerHttp2Stream) => {
    const parts: Buffer[] = []
    stream.on('error', () => undefined)
    stream.on('data', (part: Buffer) => parts.push(part))
    stream.on('end', () => {
      const answer = answers[Math.floor(next() * answers.length)] ?? 200
      if (answer === 200 || answer === 'late')
        kept.push(...namesOf(Buffer.concat(parts).subarray(5)))
      // Not at once: Node 22 frees what its HTTP/2 parser, our caller, still reads.
      if (answer === 'session') setImmediate(() => stream.session?.destroy())
      else if (typeof answer === 'string') stream.close(http2.constants.NGHTTP2_REFUSED_STREAM)
      else if (!stream.destroyed)
        stream.respond(grpcAnswer(GRPC_STATUS[answer]), { endStream: true })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  return { kept, url: `127.0.0.1:${(server.address() as AddressInfo).port}` }
}

const grpcAnswer = (code: number) => ({
  ':status': 200,
  'content-type': 'application/grpc',
  'grpc-status': `${code}`,
  ...(code === 8 && {
    'grpc-status-details-bin': encodeStatus({ code, message: '', retryAfterMs: 0 }).toString(
      'base64',
    ),
  }),
})

const PROTOCOLS = {
  otlp_http: { factory: otlpHttp, backend: httpBackend },
  otlp_grpc: { factory: otlpGrpc, backend: grpcBackend },
} as const
type Protocol = keyof typeof PROTOCOLS

function namesOf(bytes: Buffer): string[] {
  const result = scanRequest(tracesCodec, bytes, () => undefined)
  assert(result.kind === 'batch')
  const scopes = result.batch.resources().flatMap((one) => one.scopeSpans)
  return scopes.flatMap((scope) => scope.spans.map((one) => one.name))
}

type QueueSettings = Readonly<Record<string, unknown>> & { readonly storage?: string }

/** A pipeline of a receiver that the test feeds, `batch` and an exporter. */
function pipelineTo(url: string, queue: QueueSettings, protocol: Protocol = 'otlp_http') {
  const { factory } = PROTOCOLS[protocol]
  let input: Consumer<TraceBatch> | undefined
  const receiver = defineReceiver({
    type: 'feed',
    stability: { traces: 'beta' },
    schema: object({}),
    create: {
      traces: (_ctx, _config, next) => {
        input = next
        return stateless
      },
    },
  })
  const extensions = extensionsFor(queue)
  const config: PipelineConfig = {
    receivers: new Map([['feed', { factory: receiver, config: {} }]]),
    processors: new Map([
      [
        'batch',
        {
          factory: batch,
          config: batch.schema.parse({
            send_batch_size: 20,
            timeout: '5ms',
            send_batch_max_size: 25,
          }),
        },
      ],
    ]),
    exporters: new Map([
      [
        protocol,
        {
          factory,
          config: factory.schema.parse({
            endpoint: url,
            compression: 'none',
            ...(protocol === 'otlp_grpc' && { tls: { insecure: true } }),
            sending_queue: queue,
            retry_on_failure: { initial_interval: '1ms', max_interval: '3ms' },
          }),
        },
      ],
    ]),
    connectors: new Map(),
    extensions,
    pipelines: new Map([
      ['traces', { receivers: ['feed'], processors: ['batch'], exporters: [protocol] }],
    ]),
    service: { extensions: [...extensions.keys()] },
  }
  const { ctx, counters } = testContext()
  const graph = new Graph(config, { log: ctx.log, now: ctx.now, counters })
  assert(input !== undefined)
  return { graph, input, total: (name: string) => counters.total(name) }
}

/** The storage that a queue names, in a folder of its own. */
function extensionsFor({ storage }: QueueSettings): PipelineConfig['extensions'] {
  if (storage === undefined) return new Map()
  const directory = mkdtempSync(join(tmpdir(), 'weir-delivery-'))
  after(() => rmSync(directory, { recursive: true }))
  return new Map([
    [storage, { factory: fileStorage, config: fileStorage.schema.parse({ directory }) }],
  ])
}

/** Everything that was dropped on the way, whatever the reason. */
function droppedOf(total: (name: string) => number): number {
  const exporter = ['permanent_error', 'retries_exhausted', 'retry_disabled', 'shutdown']
  return (
    exporter.reduce((sum, reason) => sum + total(`otelcol_exporter_dropped_${reason}`), 0) +
    total('otelcol_processor_dropped_sender_failed') +
    total('otelcol_processor_dropped_shutdown')
  )
}

const ON_DISK = { storage: 'file_storage' }

/** Sends all batches and waits until each span was sent or dropped. */
async function play(url: string, queue: QueueSettings, protocol: Protocol) {
  const { graph, input, total } = pipelineTo(url, queue, protocol)
  await graph.start(later())
  for (let i = 0; i < BATCHES; i++) await input.consume(spans(SPANS, `${i}`), {})
  while (total('otelcol_exporter_sent_spans') + droppedOf(total) < BATCHES * SPANS) {
    await new Promise((resolve) => setImmediate(resolve))
  }
  await graph.shutdown(later())
  return { total }
}

describe('from a receiver to a backend that fails at random', () => {
  type Row = [
    name: string,
    answers: Answer[],
    queue: QueueSettings,
    lossless: boolean,
    doubles: boolean,
  ]
  const rows: Row[] = [
    ['is busy', [200, 429, 503], {}, true, false],
    ['cuts connections', [200, 200, 'cut'], {}, true, false],
    ['cuts connections after it took the data', [200, 200, 'late'], {}, true, true],
    ['refuses some for good', [200, 400, 500, 503], {}, false, false],
    [
      'is slower than its queue allows',
      [200, 503],
      { queue_size: 2, num_consumers: 1 },
      false,
      false,
    ],
    [
      'is busy, with batches in the queue',
      [200, 503],
      {
        sizer: 'items',
        queue_size: 5000,
        batch: { min_size: 60, max_size: 60, flush_timeout: '5ms' },
      },
      true,
      false,
    ],
    ['is busy, with the queue on disk', [200, 429, 503], ON_DISK, true, false],
    ['refuses some for good, with the queue on disk', [200, 400, 503], ON_DISK, false, false],
    ['cuts connections late, with the queue on disk', [200, 'late'], ON_DISK, true, true],
  ]
  for (const protocol of ['otlp_http', 'otlp_grpc'] as const) {
    for (const [name, answers, queue, lossless, doubles] of rows) {
      test(`that ${name}, over ${protocol}: sent and dropped are all there was`, async (t) => {
        const { kept, url } = await PROTOCOLS[protocol].backend(t, answers)
        const { total } = await play(url, queue, protocol)
        assert.equal(total('otelcol_exporter_sent_spans') + droppedOf(total), BATCHES * SPANS)
        assert.equal(droppedOf(total) === 0, lossless)
        assert.equal(new Set(kept).size, total('otelcol_exporter_sent_spans'))
        assert.equal(kept.length > new Set(kept).size, doubles)
      })
    }
  }

  test('that ends whole connections, over otlp_grpc: nothing is lost', async (t) => {
    const { kept, url } = await grpcBackend(t, [200, 200, 200, 'session'])
    const { total } = await play(url, {}, 'otlp_grpc')
    assert.equal(total('otelcol_exporter_sent_spans'), BATCHES * SPANS)
    assert.equal(new Set(kept).size, BATCHES * SPANS)
  })

  test('that never answers: at shutdown everything is counted as dropped', async (t) => {
    const { url } = await httpBackend(t, [503])
    const { graph, input, total } = pipelineTo(url, {})
    await graph.start(later())
    for (let i = 0; i < BATCHES; i++) await input.consume(spans(SPANS, `${i}`), {})
    await graph.shutdown(later())
    assert.equal(total('otelcol_exporter_sent_spans'), 0)
    assert.equal(droppedOf(total), BATCHES * SPANS)
  })

  test('without queue and retries the sender hears of each failure, and nothing is dropped', async (t) => {
    const { kept, url } = await httpBackend(t, [200, 503, 400])
    const { ctx, count } = testContext()
    const config = otlpHttp.schema.parse({
      endpoint: url,
      compression: 'none',
      sending_queue: { enabled: false },
      retry_on_failure: { enabled: false },
    })
    const exporter = otlpHttp.create.traces?.(ctx, config)
    await exporter?.start()
    const results = { taken: 0, refused: 0, failed: 0 }
    for (let i = 0; i < 60; i++) {
      try {
        await exporter?.consume(spans(1, `${i}`), {})
        results.taken += 1
      } catch (error) {
        results[error instanceof RefusedError ? 'refused' : 'failed'] += 1
      }
    }
    await exporter?.shutdown(later())
    assert.equal(results.taken, kept.length)
    assert.equal(count('sent_spans'), results.taken)
    assert.equal(count('send_failed_spans'), results.refused + results.failed)
    assert(results.refused > 0 && results.failed > 0)
  })
})
