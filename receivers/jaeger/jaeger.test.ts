import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import zlib from 'node:zlib'
import { RefusedError } from '../../pipeline/component.ts'
import { int, string } from '../../pipeline/data/attributes.ts'
import type { TraceBatch } from '../../pipeline/data/batch.ts'
import type { ResourceSpans } from '../../pipeline/data/traces.ts'
import { valueText } from '../../pipeline/data/value_text.ts'
import { GrpcChannel } from '../../pipeline/net/grpc_channel.ts'
import { otlpGrpcFields } from '../../pipeline/otlp_grpc/config.ts'
import { later, testContext } from '../../test/support/context.ts'
import { schema } from './config.ts'
import { Jaeger } from './jaeger.ts'

const LOCAL = { endpoint: '127.0.0.1:0' }

/** A started receiver, and what it handed on; `until` waits for a condition. */
async function started(t: TestContext, protocols: object, fault?: Error) {
  const received: ResourceSpans[] = []
  const next = {
    consume: (batch: TraceBatch) => {
      if (fault !== undefined) return Promise.reject(fault)
      received.push(...batch.resources())
      return Promise.resolve()
    },
  }
  const context = testContext('jaeger')
  const receiver = new Jaeger(context.ctx, schema.parse({ protocols }), next)
  await receiver.start()
  t.after(() => receiver.shutdown(later()))
  const until = async (is: () => boolean) => {
    const end = Date.now() + 20_000
    while (!is() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 5))
    assert(is())
  }
  return { ...context, receiver, received, until }
}

const recorded = (name: string): Buffer => {
  const file = join(import.meta.dirname, '../../../receivers/jaeger/testdata', `${name}.hex`)
  return Buffer.from(readFileSync(file, 'utf8').replaceAll('\n', ''), 'hex')
}

async function packet(port: number, bytes: Uint8Array): Promise<void> {
  const socket = createSocket('udp4')
  await new Promise((resolve) => socket.send(bytes, port, '127.0.0.1', resolve))
  socket.close()
}

const post = (port: number, body: Uint8Array, headers: Record<string, string> = {}, path = '') =>
  fetch(`http://127.0.0.1:${port}${path || '/api/traces?format=jaeger.thrift'}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-thrift', ...headers },
    body: body as unknown as string,
  })

async function call(t: TestContext, port: number, bytes: Uint8Array): Promise<Buffer> {
  const config = otlpGrpcFields.parse({ endpoint: `127.0.0.1:${port}`, tls: { insecure: true } })
  const channel = new GrpcChannel(testContext().ctx, config, 'test')
  await channel.open()
  t.after(() => channel.close())
  const message = { toProtobuf: () => bytes, toPieces: () => [bytes] }
  const path = '/jaeger.api_v2.CollectorService/PostSpans'
  return channel.call(path, message, 20_000, AbortSignal.timeout(20_000))
}

const texts = (of: Pick<ResourceSpans['resource'], 'attributes'> | undefined) =>
  Object.fromEntries((of?.attributes ?? []).map(({ key, value }) => [key, valueText(value)]))

/** The span that opentelemetry-exporter-jaeger 1.21.0 sent for each recording. */
function assertRecorded(received: readonly ResourceSpans[]): void {
  const [resource, ...more] = received
  assert.deepEqual(more, [])
  assert.equal(texts(resource?.resource)['service.name'], 'shop')
  assert.equal(resource?.resource.attributes.filter(({ key }) => key === 'service.name').length, 1)
  const scope = resource?.scopeSpans[0]
  assert.deepEqual([scope?.scope.name, scope?.scope.version], ['lib', '1.2'])
  const span = scope?.spans[0]
  assert.deepEqual(
    [span?.traceId, span?.spanId, span?.parentSpanId, span?.name, span?.kind],
    ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331', '00f067aa0ba902b7', 'get /items', 2],
  )
  // It counts in floats, which are off by some nanoseconds over gRPC.
  assert.deepEqual(
    [span?.start, span?.end].map((time) => [time?.[0], Math.round((time?.[1] ?? 0) / 1000)]),
    [
      [1_700_000_000, 5],
      [1_700_000_000, 1245],
    ],
  )
  assert.deepEqual(span?.status, { code: 2, message: 'no stock' })
  // After these it repeats resource and scope.
  assert.deepEqual(span?.attributes.slice(0, 4), [
    string('text', 'x'),
    int('int', 42),
    { key: 'double', value: { kind: 'double', value: 0.5 } },
    { key: 'bool', value: { kind: 'bool', value: true } },
  ])
  const [event] = span?.events ?? []
  assert.deepEqual(
    [Math.round((event?.time[1] ?? 0) / 1000), texts(event)],
    [105, { key: 'k', message: 'cached' }],
  )
  assert.deepEqual(
    span?.links.map((link) => [link.traceId, link.spanId, texts(link)]),
    [['1'.padStart(32, '0'), '2'.padStart(16, '0'), { 'opentracing.ref_type': 'follows_from' }]],
  )
}

describe('jaeger takes what OpenTelemetry for Python wrote', () => {
  test('compact, over UDP', async (t) => {
    const { receiver, received, until } = await started(t, { thrift_compact: LOCAL })
    await packet(receiver.port('thrift_compact'), recorded('compact'))
    await until(() => received.length > 0)
    assertRecorded(received)
  })

  for (const [name, encode, headers] of [
    ['over HTTP', (bytes: Buffer) => bytes, {}],
    ['over HTTP with gzip', zlib.gzipSync, { 'content-encoding': 'gzip' }],
  ] as const) {
    test(name, async (t) => {
      const { receiver, received } = await started(t, { thrift_http: LOCAL })
      const answer = await post(receiver.port('thrift_http'), encode(recorded('http')), headers)
      assert.equal(answer.status, 202)
      assertRecorded(received)
    })
  }

  test('over gRPC', async (t) => {
    const { receiver, received } = await started(t, { grpc: LOCAL })
    assert.equal((await call(t, receiver.port('grpc'), recorded('grpc'))).length, 0)
    assertRecorded(received)
  })
})

/** Jaeger's own client for Node, which has no types. */
const jaegerClient = () =>
  createRequire(import.meta.url)('jaeger-client') as {
    initTracer(
      config: object,
      options: object,
    ): {
      startSpan(
        name: string,
        options?: object,
      ): {
        setTag(key: string, value: unknown): void
        log(fields: object): void
        finish(): void
      }
      close(done: () => void): void
    }
  }

describe('jaeger takes what its own clients send', () => {
  for (const [protocol, reporter] of [
    ['thrift_binary', (port: number) => ({ agentHost: '127.0.0.1', agentPort: port })],
    [
      'thrift_http',
      (port: number) => ({ collectorEndpoint: `http://127.0.0.1:${port}/api/traces` }),
    ],
  ] as const) {
    test(`Node's, ${protocol}`, async (t) => {
      const { receiver, received, until } = await started(t, { [protocol]: LOCAL })
      const tracer = jaegerClient().initTracer(
        {
          serviceName: 'shop',
          sampler: { type: 'const', param: 1 },
          reporter: reporter(receiver.port(protocol)),
        },
        { tags: { 'shop.version': '1.1' } },
      )
      const span = tracer.startSpan('checkout', { tags: { 'span.kind': 'client', error: true } })
      span.log({ event: 'retry', attempt: 2 })
      span.finish()
      await new Promise<void>((resolve) => tracer.close(resolve))
      await until(() => received.length > 0)
      const [resource] = received
      assert.equal(texts(resource?.resource)['service.name'], 'shop')
      assert.equal(texts(resource?.resource)['shop.version'], '1.1')
      assert.match(
        texts(resource?.resource)['opencensus.exporterversion'] ?? '',
        /^Jaeger-Node-3\.19\.0$/,
      )
      const [found] = resource?.scopeSpans[0]?.spans ?? []
      assert.deepEqual([found?.name, found?.kind, found?.status.code], ['checkout', 3, 2])
      assert.equal(found?.parentSpanId, '')
      assert.deepEqual(
        found?.events.map((event) => [event.name, texts(event)['attempt']]),
        [['retry', '2']],
      )
    })
  }

  test("Python's, compact", async (t) => {
    const { receiver, received, until } = await started(t, { thrift_compact: LOCAL })
    await packet(receiver.port('thrift_compact'), recorded('client_compact'))
    await until(() => received.length > 0)
    const [span] = received[0]?.scopeSpans[0]?.spans ?? []
    assert.deepEqual([span?.name, span?.kind, span?.status.code], ['op', 3, 2])
    assert.equal(texts(span)['f'], '1.5')
    assert.deepEqual(
      span?.events.map((event) => [event.name, texts(event)['n']]),
      [['e', '1']],
    )
  })
})

describe('jaeger refuses', () => {
  test('what is no Thrift, and other paths and types, over HTTP', async (t) => {
    const { receiver, received, count } = await started(t, { thrift_http: LOCAL })
    const port = receiver.port('thrift_http')
    const body = recorded('http')
    assert.equal((await post(port, body.subarray(0, -9))).status, 400)
    assert.equal((await post(port, Buffer.from('no thrift at all'))).status, 400)
    assert.equal((await post(port, body, { 'content-type': 'text/plain' })).status, 400)
    assert.equal((await post(port, body, {}, '/api/spans')).status, 400)
    assert.equal((await fetch(`http://127.0.0.1:${port}/api/traces`)).status, 405)
    assert.equal(count('rejected_requests_invalid'), 4)
    assert.deepEqual(received, [])
  })

  test('what is no protobuf over gRPC, and passes a refusal on', async (t) => {
    const { receiver } = await started(t, { grpc: LOCAL }, new RefusedError('full'))
    const port = receiver.port('grpc')
    await assert.rejects(call(t, port, Buffer.from('0aff', 'hex')), /error unmarshalling request/)
    await assert.rejects(call(t, port, recorded('grpc')), { status: { code: 14, message: 'full' } })
  })

  test('packets beyond those that its workers have and its queue holds', async (t) => {
    const { ctx, count } = testContext('jaeger')
    const gate = Promise.withResolvers<void>()
    let [now, most] = [0, 0]
    const next = {
      async consume() {
        now += 1
        most = Math.max(most, now)
        await gate.promise
        now -= 1
      },
    }
    const udp = { ...LOCAL, workers: 2, queue_size: 3 }
    const config = schema.parse({ protocols: { thrift_compact: udp } })
    const receiver = new Jaeger(ctx, config, next)
    await receiver.start()
    t.after(() => receiver.shutdown(later()))
    const port = receiver.port('thrift_compact')
    for (let i = 0; i < 6; i++) await packet(port, recorded('compact'))
    const end = Date.now() + 20_000
    while (count('dropped_queue_full') === 0 && Date.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    assert.deepEqual([most, count('dropped_queue_full')], [2, 1])
    gate.resolve()
  })

  test('packets, and counts them by reason', async (t) => {
    const udp = { ...LOCAL, max_packet_size: 600 }
    const { receiver, count, until } = await started(
      t,
      { thrift_compact: udp, thrift_binary: LOCAL },
      new RefusedError('full'),
    )
    const compact = receiver.port('thrift_compact')
    await packet(compact, recorded('compact'))
    await packet(compact, recorded('compact').subarray(0, 100))
    await packet(compact, Buffer.alloc(601))
    await packet(receiver.port('thrift_binary'), recorded('compact'))
    await until(() => count('dropped_packet_refused') === 1)
    await until(() => count('dropped_packet_invalid') === 2)
    await until(() => count('dropped_packet_too_large') === 1)
  })

  for (const [config, want] of [
    [{}, /must specify at least one protocol when using the Jaeger receiver/],
    [{ protocols: { thrift_compact: { endpoint: 'nowhere' } } }, /expected host:port/],
    [{ protocols: { grpc: null }, remote_sampling: { strategy_file: 'a' } }, /not supported/],
    [{ protocols: { thrift_udp: {} } }, /invalid keys: thrift_udp/],
  ] as const) {
    test(JSON.stringify(config), () => assert.throws(() => schema.parse(config), want))
  }
})
