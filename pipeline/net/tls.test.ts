import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import tls from 'node:tls'
import { makeCertificates } from '../../test/support/certificates.ts'
import { testContext } from '../../test/support/context.ts'
import { HttpServer } from './http_server.ts'
import { tlsClientFields } from './tls_fields.ts'
import { tlsServerFields } from './tls_server_fields.ts'

const first = makeCertificates()
const second = makeCertificates()

async function serverOf(t: TestContext, more: object) {
  const config = tlsServerFields.parse({
    cert_file: first.serverCert,
    key_file: first.serverKey,
    ...more,
  })
  const { ctx, lines } = testContext()
  const limits = { headersTimeoutMs: 0, requestTimeoutMs: 0, idleTimeoutMs: 0, keepAlive: true }
  const server = new HttpServer(
    { where: { host: '127.0.0.1', port: 0 }, tls: config, log: ctx.log, ...limits },
    (_request, response) => response.end('ok'),
  )
  await server.listen()
  t.after(() => server.close(AbortSignal.abort()))
  return { port: server.port, lines }
}

/** Resolves with what the server's certificate is, or with the code of the error. */
function connect(port: number, options: tls.ConnectionOptions): Promise<string> {
  return new Promise((resolve) => {
    const socket = tls.connect({ port, host: '127.0.0.1', ...options }, () => {
      const name = socket.getPeerCertificate().fingerprint256
      socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
      socket.once('data', () => {
        socket.destroy()
        resolve(name)
      })
    })
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''))
    socket.on('close', () => resolve('closed'))
  })
}

/** Whether curl gets an answer. */
async function curl(port: number, args: readonly string[]): Promise<boolean> {
  const url = `https://localhost:${port}/`
  const child = spawn('curl', ['-sS', '--cacert', first.ca, ...args, url], { stdio: 'ignore' })
  const [code] = await once(child, 'close')
  return code === 0
}

/** Until it is so: files are read again by a clock. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if (await isSo()) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  assert.fail('it did not come to be so within 5s')
}

describe('TLS of a server, seen by curl', () => {
  const rows: [name: string, server: object, args: string[], works: boolean][] = [
    ['takes 1.2', {}, ['--tls-max', '1.2'], true],
    ['takes 1.3', {}, ['--tlsv1.3'], true],
    ['with min_version 1.3 refuses 1.2', { min_version: '1.3' }, ['--tls-max', '1.2'], false],
    ['with max_version 1.2 refuses 1.3', { max_version: '1.2' }, ['--tlsv1.3'], false],
    [
      'with a cipher suite takes it',
      { cipher_suites: ['TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'] },
      ['--tls-max', '1.2', '--ciphers', 'ECDHE-ECDSA-AES128-GCM-SHA256'],
      true,
    ],
    [
      'with a cipher suite refuses others',
      { cipher_suites: ['TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'] },
      ['--tls-max', '1.2', '--ciphers', 'ECDHE-ECDSA-CHACHA20-POLY1305'],
      false,
    ],
    ['with a curve takes it', { curve_preferences: ['P384'] }, ['--curves', 'P-384'], true],
    ['with a curve refuses others', { curve_preferences: ['P384'] }, ['--curves', 'X25519'], false],
    [
      'takes certificates as text',
      {
        cert_file: '',
        key_file: '',
        cert_pem: readFileSync(first.serverCert, 'utf8'),
        key_pem: readFileSync(first.serverKey, 'utf8'),
      },
      [],
      true,
    ],
  ]
  for (const [name, server, args, works] of rows) {
    test(name, async (t) => {
      const { port } = await serverOf(t, server)
      assert.equal(await curl(port, args), works)
    })
  }
})

describe('TLS files that change', () => {
  test('are read again after reload_interval; bad ones leave the last good', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'weir-reload-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const [cert, key] = [join(folder, 'cert'), join(folder, 'key')]
    copyFileSync(first.serverCert, cert)
    copyFileSync(first.serverKey, key)
    const more = { cert_file: cert, key_file: key, reload_interval: '20ms' }
    const { port, lines } = await serverOf(t, more)
    const see = () => connect(port, { rejectUnauthorized: false })
    const before = await see()
    writeFileSync(cert, '')
    await until(async () => lines.some((line) => line.includes('the file is empty')))
    assert.equal(await see(), before)
    writeFileSync(cert, 'no certificate')
    await until(async () => lines.some((line) => line.includes('the last ones stay')))
    assert.equal(await see(), before)
    copyFileSync(second.serverKey, key)
    copyFileSync(second.serverCert, cert)
    await until(async () => (await see()) !== before)
  })

  test('client_ca_file is taken when it changes, with client_ca_file_reload', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'weir-reload-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const ca = join(folder, 'ca')
    copyFileSync(first.ca, ca)
    const { port } = await serverOf(t, { client_ca_file: ca, client_ca_file_reload: true })
    const as = (who: typeof first) =>
      connect(port, {
        rejectUnauthorized: false,
        cert: readFileSync(who.clientCert),
        key: readFileSync(who.clientKey),
      })
    const isFingerprint = (answer: string) => answer.includes(':')
    assert(isFingerprint(await as(first)))
    assert(!isFingerprint(await as(second)))
    copyFileSync(second.ca, ca)
    await until(async () => isFingerprint(await as(second)))
    assert(!isFingerprint(await as(first)))
  })
})

describe('TLS in the configuration', () => {
  const rows: [name: string, config: object, text: RegExp][] = [
    ['both forms of a CA', { ca_file: 'a', ca_pem: 'b' }, /either a CA file or the PEM-encoded/],
    [
      'both forms of a key',
      { cert_file: 'a', key_file: 'a', key_pem: 'b' },
      /either key file or PEM/,
    ],
    ['a certificate alone', { cert_file: 'a' }, /must include both certificate and key/],
    [
      'versions the wrong way round',
      { min_version: '1.3', max_version: '1.2' },
      /cannot be greater/,
    ],
    ['an unknown suite', { cipher_suites: ['TLS_NULL'] }, /invalid TLS cipher suite: "TLS_NULL"/],
    ['an unknown curve', { curve_preferences: ['P1'] }, /invalid curve type: P1/],
    ['a TPM', { tpm: { enabled: true } }, /tpm: not supported: a key in a TPM/],
  ]
  for (const [name, config, text] of rows) {
    test(`refuses ${name}`, () => assert.throws(() => tlsClientFields.parse(config), text))
  }

  test('takes a TPM that is off', () => {
    assert.doesNotThrow(() => tlsClientFields.parse({ tpm: { enabled: false, path: '' } }))
  })
})
