import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { debug } from '../../exporters/debug/factory.ts'
import { otlpGrpc } from '../../exporters/otlp_grpc/factory.ts'
import { otlpHttp } from '../../exporters/otlp_http/factory.ts'
import type { ExporterFactory } from '../../pipeline/component.ts'
import { tlsCommonOptions } from '../../pipeline/net/tls_common.ts'
import { tlsClientFields } from '../../pipeline/net/tls_fields.ts'
import { otlp } from '../../receivers/otlp/factory.ts'
import { makeCertificates } from '../support/certificates.ts'
import { later, testContext } from '../support/context.ts'
import { spans } from '../support/telemetry.ts'

/** What an exporter logs from its start to its end. */
async function said(factory: ExporterFactory, settings: object, batches = 0): Promise<string> {
  const { ctx, lines } = testContext(factory.type)
  const exporter = factory.create.traces?.(ctx, factory.schema.parse(settings))
  await exporter?.start()
  for (let i = 0; i < batches; i++) await exporter?.consume(spans(1), {})
  await exporter?.shutdown(later())
  return lines.join('\n')
}

describe('options without effect are said at start', () => {
  const idle = { read_buffer_size: 1024, write_buffer_size: 1024 }
  const http2 = {
    force_attempt_http2: true,
    http2_read_idle_timeout: '1s',
    http2_ping_timeout: '1s',
  }
  const rows: [factory: ExporterFactory, settings: object][] = [
    [otlpGrpc, { endpoint: '127.0.0.1:9', tls: { insecure: true }, ...idle }],
    [otlpHttp, { endpoint: 'http://127.0.0.1:9', ...http2 }],
  ]
  for (const [factory, settings] of rows) {
    test(factory.type, async () => {
      const line = (await said(factory, settings))
        .split('\n')
        .find((one) => one.includes('Options without effect'))
      const meant = Object.keys(factory === otlpGrpc ? idle : http2)
      assert.deepEqual(JSON.parse(line?.split('\t').at(-1) ?? ''), { options: meant.join(', ') })
    })
  }
})

test('and those of a gRPC server', async () => {
  const { ctx, lines } = testContext('otlp')
  const grpc = { endpoint: '127.0.0.1:0', write_buffer_size: 1024 }
  const receiver = otlp.create.traces?.(ctx, otlp.schema.parse({ protocols: { grpc } }), {
    consume: async () => undefined,
  })
  await receiver?.start()
  await receiver?.shutdown(later())
  assert.match(lines.join('\n'), /Options without effect[^\n]*"write_buffer_size"/)
})

describe('middlewares are refused with what to do instead', () => {
  const middlewares = [{ id: 'memory_limiter' }]
  const rows: [name: string, parse: () => unknown][] = [
    ['otlp_grpc', () => otlpGrpc.schema.parse({ endpoint: 'a:1', middlewares })],
    ['otlp_http', () => otlpHttp.schema.parse({ endpoint: 'http://a', middlewares })],
    ['otlp over gRPC', () => otlp.schema.parse({ protocols: { grpc: { middlewares } } })],
    ['otlp over HTTP', () => otlp.schema.parse({ protocols: { http: { middlewares } } })],
  ]
  for (const [name, parse] of rows) {
    test(name, () =>
      assert.throws(parse, /middlewares: not supported: .* put the memory_limiter processor first/),
    )
  }
})

test('include_system_ca_certs_pool trusts the authorities of the system too', async () => {
  const { ca: ca_file } = makeCertificates()
  const authorities = async (more: object) =>
    [(await tlsCommonOptions(tlsClientFields.parse({ ca_file, ...more }))).ca].flat().length
  assert.equal(await authorities({}), 1)
  assert((await authorities({ include_system_ca_certs_pool: true })) > 1)
})

test('debug: sampling_initial lines of a second, and every sampling_thereafter-th', async () => {
  const lines = async (settings: object) => (await said(debug, settings, 7)).split('\n').length
  assert.equal(await lines({ sampling_initial: 1, sampling_thereafter: 0 }), 1)
  assert.equal(await lines({ sampling_initial: 1, sampling_thereafter: 3 }), 3)
})
