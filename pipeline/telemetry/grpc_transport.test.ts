import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, type TestContext, test } from 'node:test'
import { makeCertificates } from '../../test/support/certificates.ts'
import { backend, bytesOf } from '../../test/support/grpc_backend.ts'
import { GrpcTransport, type GrpcTransportOptions } from './grpc_transport.ts'

const METHOD = '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export'
const DATA = Buffer.from('0a00', 'hex')

function transportTo(t: TestContext, url: string, more: Partial<GrpcTransportOptions> = {}) {
  const transport = new GrpcTransport({
    url: new URL(url),
    method: METHOD,
    headers: {},
    gzip: false,
    tls: {},
    ...more,
  })
  t.after(() => transport.shutdown())
  return transport
}

describe('own telemetry over gRPC', () => {
  for (const gzip of [false, true]) {
    test(`carries bytes and headers, ${gzip ? 'compressed' : 'plain'}`, async (t) => {
      const { calls, seen, target } = await backend(t)
      const transport = transportTo(t, `http://${target}`, { gzip, headers: { 'x-key': 'k' } })
      assert.equal((await transport.send(DATA, 5000)).status, 'success')
      await seen(1)
      assert.deepEqual(bytesOf(calls[0]), DATA)
      assert.equal(calls[0]?.metadata['x-key'], 'k')
    })
  }

  const answers = [
    ['UNAVAILABLE', { status: 'retryable' }],
    ['RESOURCE_EXHAUSTED/3', { status: 'retryable', retryInMillis: 3000 }],
    ['INVALID_ARGUMENT', { status: 'failure' }],
  ] as const
  for (const [answer, want] of answers) {
    test(`${answer}: ${want.status}`, async (t) => {
      const { target } = await backend(t, answer)
      const got = await transportTo(t, `http://${target}`).send(DATA, 5000)
      assert.partialDeepStrictEqual(got, want)
    })
  }

  test('nobody there: to be tried again', async (t) => {
    const { status } = await transportTo(t, 'http://127.0.0.1:1').send(DATA, 5000)
    assert.equal(status, 'retryable')
  })

  test('TLS: with the authority that a file names, and not without', async (t) => {
    const pem = makeCertificates()
    const files = ['--cert', pem.serverCert, '--key', pem.serverKey, '--ca', pem.ca]
    const { target } = await backend(t, ...files)
    const [ca, cert, key] = [pem.ca, pem.clientCert, pem.clientKey].map((file) =>
      readFileSync(file),
    )
    assert(ca && cert && key)
    const url = `https://localhost:${target.split(':')[1]}`
    const trusting = transportTo(t, url, { tls: { ca, cert, key } })
    assert.equal((await trusting.send(DATA, 5000)).status, 'success')
    assert.equal((await transportTo(t, url).send(DATA, 5000)).status, 'retryable')
  })
})
