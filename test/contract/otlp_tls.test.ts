import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { schema as exporterSchema } from '../../exporters/otlp_http/config.ts'
import { otlpHttpExporter } from '../../exporters/otlp_http/otlp_http.ts'
import { tracesCodec } from '../../pipeline/codec/signal_codec.ts'
import { RefusedError } from '../../pipeline/component.ts'
import type { TraceBatch } from '../../pipeline/data/batch.ts'
import { schema as receiverSchema } from '../../receivers/otlp/config.ts'
import { OtlpServer } from '../../receivers/otlp/otlp.ts'
import { takeInto } from '../../receivers/otlp/take.ts'
import { makeCertificates } from '../support/certificates.ts'
import { later, testContext } from '../support/context.ts'
import { spans } from '../support/telemetry.ts'

const pem = makeCertificates()

/** An `otlp` receiver with TLS, and what it took. */
async function receiverOf(t: TestContext, tls: object) {
  const received: TraceBatch[] = []
  const { ctx } = testContext('otlp')
  const http = {
    endpoint: '127.0.0.1:0',
    tls: { cert_file: pem.serverCert, key_file: pem.serverKey, ...tls },
  }
  const server = new OtlpServer(ctx, receiverSchema.parse({ protocols: { http } }))
  const next = { consume: (batch: TraceBatch) => Promise.resolve(void received.push(batch)) }
  const receiver = server.receiver('traces', takeInto(ctx, tracesCodec, next))
  await receiver.start()
  t.after(() => receiver.shutdown(AbortSignal.abort()))
  return { received, port: server.httpPort }
}

/** Sends 3 spans with the `otlp_http` exporter; rejects as its one attempt does. */
async function send(
  port: number,
  tls: object,
  scheme = 'https',
  host = '127.0.0.1',
): Promise<void> {
  const config = exporterSchema.parse({
    endpoint: `${scheme}://${host}:${port}`,
    tls,
    sending_queue: { enabled: false },
    retry_on_failure: { enabled: false },
  })
  const exporter = otlpHttpExporter(testContext('otlp_http').ctx, config, 'traces')
  await exporter.start()
  await exporter.consume(spans(3), {}).finally(() => exporter.shutdown(later()))
}

const own = { cert_file: pem.clientCert, key_file: pem.clientKey }

describe('otlp_http to otlp over TLS', () => {
  type Row = [name: string, server: object, client: object, error?: RegExp]
  const rows: Row[] = [
    ['a known authority', {}, { ca_file: pem.ca }],
    ['an unknown authority', {}, {}, /certificate/],
    ['an unknown authority, accepted by insecure_skip_verify', {}, { insecure_skip_verify: true }],
    [
      'a name that the certificate has not',
      {},
      { ca_file: pem.ca, server_name_override: 'other.example' },
      /altnames|ERR_TLS_CERT_ALTNAME/i,
    ],
    ['a client that proves who it is', { client_ca_file: pem.ca }, { ca_file: pem.ca, ...own }],
    [
      'a client that does not',
      { client_ca_file: pem.ca },
      { ca_file: pem.ca },
      /certificate|ECONNRESET|EPROTO|EPIPE/i,
    ],
    ['TLS 1.3 on both sides', { min_version: '1.3' }, { ca_file: pem.ca, min_version: '1.3' }],
    [
      'no version in common',
      { min_version: '1.3' },
      { ca_file: pem.ca, max_version: '1.2' },
      /version|EPROTO|ECONNRESET/i,
    ],
  ]
  for (const [name, server, client, error] of rows) {
    test(name, async (t) => {
      const { received, port } = await receiverOf(t, server)
      const sent = send(port, client)
      if (error === undefined) {
        await sent
        assert.deepEqual(received[0]?.resources(), spans(3).resources())
        return
      }
      await assert.rejects(
        sent,
        (failure) => failure instanceof RefusedError && error.test(failure.message),
      )
      assert.deepEqual(received, [])
    })
  }

  test('plain text to a port that speaks TLS takes nothing', async (t) => {
    const { received, port } = await receiverOf(t, {})
    await assert.rejects(send(port, {}, 'http'), RefusedError)
    assert.deepEqual(received, [])
  })

  test('a certificate that is not there stops the start, by name', async (t) => {
    await assert.rejects(
      receiverOf(t, { cert_file: '/nowhere.pem' }),
      /tls::cert_file "\/nowhere\.pem"/,
    )
  })
})
