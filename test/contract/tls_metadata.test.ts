import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { otlpGrpc } from '../../exporters/otlp_grpc/factory.ts'
import { otlpHttp } from '../../exporters/otlp_http/factory.ts'
import { tracesCodec } from '../../pipeline/codec/signal_codec.ts'
import type { ExporterFactory, Info } from '../../pipeline/component.ts'
import type { TraceBatch } from '../../pipeline/data/batch.ts'
import { schema } from '../../receivers/otlp/config.ts'
import { OtlpServer } from '../../receivers/otlp/otlp.ts'
import { takeInto } from '../../receivers/otlp/take.ts'
import { makeCertificates } from '../support/certificates.ts'
import { later, testContext } from '../support/context.ts'
import { spans } from '../support/telemetry.ts'

const pem = makeCertificates()
const SUBJECT = { 'tls.subject': ['CN=weir client'], 'tls.uri': ['spiffe://shop/client'] }

type Protocol = 'http' | 'grpc'

/** The metadata that goes along with spans of a sender that claims to be somebody else in a header. */
async function metadataOf(
  t: TestContext,
  protocol: Protocol,
  server: object,
  client: object = {},
): Promise<Record<string, unknown>> {
  const tls = { cert_file: pem.serverCert, key_file: pem.serverKey, client_ca_file: pem.ca }
  const config = schema.parse({
    protocols: { [protocol]: { endpoint: '127.0.0.1:0', tls, ...server } },
  })
  const infos: Info[] = []
  const { ctx } = testContext('otlp')
  const otlp = new OtlpServer(ctx, config)
  const next = {
    consume: (_batch: TraceBatch, info: Info) => Promise.resolve(void infos.push(info)),
  }
  const receiver = otlp.receiver('traces', takeInto(ctx, tracesCodec, next))
  await receiver.start()
  t.after(() => receiver.shutdown(AbortSignal.abort()))
  const factory: ExporterFactory = protocol === 'http' ? otlpHttp : otlpGrpc
  const port = protocol === 'http' ? otlp.httpPort : otlp.grpcPort
  const settings = factory.schema.parse({
    endpoint: `https://127.0.0.1:${port}`,
    headers: { 'tls.subject': 'CN=somebody else', 'x-tenant': 'shop' },
    tls: { ca_file: pem.ca, cert_file: pem.clientCert, key_file: pem.clientKey, ...client },
    sending_queue: { enabled: false },
    retry_on_failure: { enabled: false },
  })
  const exporter = factory.create.traces?.(testContext('exporter').ctx, settings)
  await exporter?.start()
  await exporter?.consume(spans(1), {}).finally(() => exporter.shutdown(later()))
  return Object.fromEntries(infos[0]?.client?.metadata ?? [])
}

for (const protocol of ['http', 'grpc'] as const) {
  describe(`include_tls_metadata over ${protocol}`, () => {
    test('alone: what the certificate says, and no header', async (t) => {
      assert.deepEqual(await metadataOf(t, protocol, { include_tls_metadata: true }), SUBJECT)
    })

    test('with headers: the certificate wins over one that says something else', async (t) => {
      const both = { include_metadata: true, include_tls_metadata: true }
      const metadata = await metadataOf(t, protocol, both)
      assert.deepEqual({ ...metadata, ...SUBJECT }, metadata)
      assert.deepEqual(metadata['x-tenant'], ['shop'])
    })

    test('off: headers alone', async (t) => {
      const metadata = await metadataOf(t, protocol, { include_metadata: true })
      assert.deepEqual(metadata['tls.subject'], ['CN=somebody else'])
      assert.equal(metadata['tls.uri'], undefined)
    })
  })
}

test('without a certificate of the sender its header does not count either', async (t) => {
  const both = { include_metadata: true, include_tls_metadata: true }
  const tls = { cert_file: pem.serverCert, key_file: pem.serverKey }
  const metadata = await metadataOf(t, 'http', { ...both, tls })
  assert.equal(metadata['tls.subject'], undefined)
  assert.deepEqual(metadata['x-tenant'], ['shop'])
})
