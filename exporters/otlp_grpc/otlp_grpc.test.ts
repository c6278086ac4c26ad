import assert from 'node:assert/strict'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import http2 from 'node:http2'
import net, { type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { RefusedError } from '../../pipeline/component.ts'
import { decompress } from '../../pipeline/net/decompress.ts'
import { StatusError } from '../../pipeline/net/grpc_status.ts'
import { schema } from '../../pipeline/otlp_grpc/config.ts'
import { otlpGrpcExporter } from '../../pipeline/otlp_grpc/exporter.ts'
import { makeCertificates } from '../../test/support/certificates.ts'
import { later, testContext } from '../../test/support/context.ts'
import { backend, bytesOf } from '../../test/support/grpc_backend.ts'
import { points, records, spans } from '../../test/support/telemetry.ts'
import { otlpGrpc } from './factory.ts'

const ALONE = { sending_queue: { enabled: false }, retry_on_failure: { enabled: false } }

async function exporterTo(t: TestContext, endpoint: string, more: object = {}) {
  const context = testContext('otlp_grpc')
  const config = schema.parse({ endpoint, tls: { insecure: true }, ...ALONE, ...more })
  const exporter = otlpGrpcExporter(context.ctx, config, 'traces')
  await exporter.start()
  t.after(() => exporter.shutdown(AbortSignal.abort()))
  return { ...context, exporter }
}

describe('otlp_grpc', () => {
  for (const compression of ['none', 'gzip', 'snappy', 'zstd']) {
    test(`sends with ${compression}`, async (t) => {
      const { calls, seen, target } = await backend(t)
      const { exporter, count } = await exporterTo(t, target, { compression })
      await exporter.consume(spans(2000), {})
      // This library knows gzip alone, and hands on what it does not know as it came.
      await seen(1)
      const sent = bytesOf(calls[0])
      const plain = compression === 'snappy' || compression === 'zstd'
      const bytes = plain ? await decompress(sent, compression, 1 << 20) : sent
      assert.deepEqual(bytes, Buffer.from(spans(2000).toProtobuf()))
      assert.equal(count('sent_spans'), 2000)
    })
  }

  test('tells how long each call took, and how it ended', async (t) => {
    const { target } = await backend(t, 'OK', 'INVALID_ARGUMENT')
    const { exporter, counters } = await exporterTo(t, target)
    const told: (readonly [string, Readonly<Record<string, string>>])[] = []
    counters.recordInto((name, labels) => told.push([name, labels]))
    await exporter.consume(spans(1), {})
    await assert.rejects(exporter.consume(spans(1), {}))
    const calls = told.filter(([name]) => name === 'rpc.client.call.duration')
    const method = 'opentelemetry.proto.collector.trace.v1.TraceService/Export'
    assert.deepEqual(
      calls.map(([, labels]) => [labels['rpc.method'], labels['rpc.response.status_code']]),
      [
        [method, 'OK'],
        [method, 'InvalidArgument'],
      ],
    )
  })

  test('sends headers, its name and its timeout along', async (t) => {
    const { calls, seen, target } = await backend(t)
    const more = { headers: { 'X-Tenant': 'acme' }, user_agent: 'me/1', timeout: '4s' }
    const { exporter } = await exporterTo(t, `dns:///${target}`, more)
    await exporter.consume(spans(1), {})
    await seen(1)
    const [call] = calls
    assert.deepEqual([call?.metadata['x-tenant'], call?.metadata['user-agent']], ['acme', 'me/1'])
    assert(call !== undefined && call.timeout > 1 && call.timeout <= 4, String(call?.timeout))
  })

  test('sends every signal to its own method', async (t) => {
    const { calls, seen, target } = await backend(t)
    const { ctx } = testContext()
    const config = otlpGrpc.schema.parse({ endpoint: target, tls: { insecure: true }, ...ALONE })
    let sent = 0
    for (const [signal, batch] of [
      ['metrics', points(2)],
      ['logs', records(3)],
    ] as const) {
      const exporter = otlpGrpc.create[signal]?.(ctx, config)
      await exporter?.start()
      await exporter?.consume(batch as never, {})
      await exporter?.shutdown(later())
      await seen(++sent)
      assert.deepEqual(bytesOf(calls.at(-1)), Buffer.from(batch.toProtobuf()))
    }
  })

  test('sends to a unix socket', async (t) => {
    const path = join(tmpdir(), `weir-grpc-${process.pid}.sock`)
    t.after(() => rmSync(path, { force: true }))
    const { seen } = await backend(t, '--unix', path)
    const { exporter } = await exporterTo(t, `unix://${path}`)
    await exporter.consume(spans(1), {})
    await seen(1)
  })

  test('logs and counts a partial success, and does not send again', async (t) => {
    // partial_success { rejected_spans: 2, error_message: "bad" }
    const { seen, target } = await backend(t, '0a0708021203626164')
    const { exporter, count, lines } = await exporterTo(t, target)
    await exporter.consume(spans(3), {})
    assert.equal(count('dropped_partial_success'), 2)
    assert.match(lines.join('\n'), /Partial success response.*"dropped_spans":2/)
    await seen(1)
  })
})

describe('otlp_grpc and TLS', () => {
  test('trusts ca_file, and proves who it is', async (t) => {
    const pem = makeCertificates()
    const server = ['--cert', pem.serverCert, '--key', pem.serverKey, '--ca', pem.ca]
    const { seen, target } = await backend(t, ...server)
    const own = { cert_file: pem.clientCert, key_file: pem.clientKey }
    const port = target.split(':')[1]
    for (const endpoint of [`localhost:${port}`, `https://127.0.0.1:${port}`]) {
      const { exporter } = await exporterTo(t, endpoint, { tls: { ca_file: pem.ca, ...own } })
      await exporter.consume(spans(1), {})
    }
    await seen(2)
    const { exporter } = await exporterTo(t, target, { tls: { ca_file: pem.ca } })
    await assert.rejects(exporter.consume(spans(1), {}), RefusedError)
    const strange = await exporterTo(t, target, { tls: own })
    await assert.rejects(strange.exporter.consume(spans(1), {}), /certificate/)
  })
})

describe('otlp_grpc tries again', () => {
  const retry = { initial_interval: '1ms', max_interval: '5ms', max_elapsed_time: '30s' }
  for (const code of ['UNAVAILABLE', 'CANCELLED', 'DEADLINE_EXCEEDED', 'ABORTED', 'DATA_LOSS']) {
    test(`after ${code}`, async (t) => {
      const { seen, target } = await backend(t, code, 'OK')
      const { exporter, count } = await exporterTo(t, target, { retry_on_failure: retry })
      await exporter.consume(spans(5), {})
      await seen(2)
      assert.equal(count('sent_spans'), 5)
    })
  }

  test('after RESOURCE_EXHAUSTED if a RetryInfo says when, and then waits', async (t) => {
    const { seen, target } = await backend(t, 'RESOURCE_EXHAUSTED/1', 'OK')
    const { exporter, lines } = await exporterTo(t, target, { retry_on_failure: retry })
    await exporter.consume(spans(1), {})
    await seen(2)
    assert.match(lines.join('\n'), /"interval":"1\.000s"/)
  })

  test('a backend that comes back, after waiting for it with wait_for_ready', async (t) => {
    const broken = net.createServer((socket) => socket.destroy()).listen(0, '127.0.0.1')
    await once(broken, 'listening')
    const { port } = broken.address() as AddressInfo
    const { exporter, count } = await exporterTo(t, `127.0.0.1:${port}`, { wait_for_ready: true })
    const sending = exporter.consume(spans(3), {})
    await once(broken, 'connection')
    broken.close()
    await once(broken, 'close')
    const server = http2.createServer().listen(port, '127.0.0.1')
    server.on('session', (session) => t.after(() => session.destroy()))
    t.after(() => server.close())
    server.on('stream', (stream: http2.ServerHttp2Stream) => {
      stream.resume().on('end', () => {
        const head = { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '0' }
        stream.respond(head, { endStream: true })
      })
    })
    await sending
    assert.equal(count('sent_spans'), 3)
  })
})

describe('otlp_grpc gives up', () => {
  const permanent = ['UNAUTHENTICATED', 'PERMISSION_DENIED', 'INVALID_ARGUMENT', 'UNIMPLEMENTED']
  for (const code of [...permanent, 'INTERNAL', 'UNKNOWN', 'RESOURCE_EXHAUSTED']) {
    test(`after ${code}, and the sender hears of it`, async (t) => {
      const { seen, target } = await backend(t, code)
      const { exporter } = await exporterTo(t, target, { retry_on_failure: { enabled: true } })
      await assert.rejects(exporter.consume(spans(1), {}), (error) => {
        assert(error instanceof StatusError)
        assert.match(error.message, /rpc error: code = \w+ desc = no: käse 100%$/)
        return true
      })
      await seen(1)
    })
  }

  test('one attempt without a server is a refusal that names it', async (t) => {
    const { exporter } = await exporterTo(t, '127.0.0.1:1')
    await assert.rejects(exporter.consume(spans(1), {}), (error) => {
      assert(error instanceof RefusedError)
      assert.match(error.message, /code = Unavailable desc = connect 127.0.0.1:1: ECONNREFUSED/)
      return true
    })
  })
})

describe('otlp_grpc refuses in its configuration', () => {
  const rows: [name: string, config: object, text: RegExp][] = [
    ['no endpoint', {}, /requires a non-empty "endpoint"/],
    ['a port in letters', { endpoint: 'backend:grpc' }, /invalid port "grpc"/],
    ['no port', { endpoint: 'backend' }, /address backend: missing port in address/],
    [
      'an unknown balancer',
      { endpoint: 'a:1', balancer_name: 'best' },
      /invalid balancer_name: best/,
    ],
    [
      'deflate',
      { endpoint: 'a:1', compression: 'deflate' },
      /unsupported compression type "deflate"/,
    ],
    ['middlewares', { endpoint: 'a:1', middlewares: [{ id: 'x' }] }, /middlewares.*not supported/],
  ]
  for (const [name, config, text] of rows) {
    test(name, () => assert.throws(() => schema.parse(config), text))
  }
})
