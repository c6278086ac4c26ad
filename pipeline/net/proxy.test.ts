import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import http2 from 'node:http2'
import https from 'node:https'
import net, { type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { makeCertificates } from '../../test/support/certificates.ts'
import { testContext } from '../../test/support/context.ts'
import { grpcCaller } from '../../test/support/grpc_caller.ts'
import { freePort } from '../../test/support/ports.ts'
import { HttpClient } from './http_client.ts'
import { proxyFault, proxyFor } from './proxy.ts'
import { tlsClientFields } from './tls_fields.ts'

describe('proxyFor', () => {
  const env = { HTTP_PROXY: 'http://p:1', https_proxy: 'secure:2', NO_PROXY: '' }
  const rows: [name: string, target: string, noProxy: string, want: string | undefined][] = [
    ['http', 'http://backend:4318', '', 'p:1'],
    ['https, in small letters and without scheme', 'https://backend', '', 'secure:2'],
    ['localhost', 'http://localhost:4318', '', undefined],
    ['loopback', 'http://127.0.0.2', '', undefined],
    ['loopback of IPv6', 'http://[::1]:1', '', undefined],
    ['everything', 'http://backend', '*', undefined],
    ['a name', 'http://backend', 'x, backend', undefined],
    ['a name stands for what is below it', 'http://a.b.c', 'b.c', undefined],
    ['but not for what ends like it', 'http://ab.c', 'b.c', 'p:1'],
    ['a dot: only what is below', 'http://b.c', '.b.c', 'p:1'],
    ['a star and a dot', 'http://a.b.c', '*.b.c', undefined],
    ['a name with another port', 'http://backend:4318', 'backend:80', 'p:1'],
    ['a name with that port', 'http://backend:4318', 'backend:4318', undefined],
    ['an address', 'http://10.1.2.3', '10.1.2.3', undefined],
    ['a network', 'http://10.1.2.3', '10.0.0.0/8', undefined],
    ['another network', 'http://11.1.2.3', '10.0.0.0/8', 'p:1'],
    ['a network of IPv6', 'http://[fd00::1]', 'fd00::/8', undefined],
    ['no network', 'http://10.1.2.3', '10.0.0.0/99', 'p:1'],
  ]
  for (const [name, target, noProxy, want] of rows) {
    test(`${name}: ${want ?? 'none'}`, () => {
      assert.equal(proxyFor(new URL(target), '', { ...env, NO_PROXY: noProxy })?.host, want)
    })
  }

  test('what is configured wins, even for localhost', () => {
    assert.equal(proxyFor(new URL('http://localhost'), 'http://mine:3', env)?.host, 'mine:3')
    for (const url of ['http://a:1', 'https://a', 'socks5://a:1', 'socks5h://me:x@[::1]'])
      assert.equal(proxyFault(url), false)
    for (const url of ['socks4://a:1', 'socks5://', 'a:1'])
      assert.match(proxyFault(url) || '', /begins with http/)
  })

  for (const url of ['ftp://a', 'http://', ':::']) {
    test(`says which variable is wrong if it is ${url}`, () =>
      assert.throws(
        () => proxyFor(new URL('http://backend'), '', { HTTP_PROXY: url }),
        /^Error: the environment's HTTP_PROXY: expected a proxy that begins with/,
      ))
  }
})

/** Proxies that we did not write. */
async function tinyproxy(t: TestContext, more = '') {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'weir-proxy-'))
  const log = join(folder, 'log')
  const file = join(folder, 'conf')
  writeFileSync(file, `Port ${port}\nListen 127.0.0.1\nAllow 127.0.0.1\nLogFile "${log}"\n${more}`)
  const child = spawn('tinyproxy', ['-d', '-c', file], { stdio: 'ignore' })
  t.after(() => {
    child.kill()
    rmSync(folder, { recursive: true })
  })
  for (let tries = 0; !(await accepts(port)); tries++) assert(tries < 500, 'tinyproxy starts')
  return { url: `http://127.0.0.1:${port}`, port, log: () => readFileSync(log, 'utf8') }
}

async function microsocks(t: TestContext, ...more: string[]) {
  const port = await freePort()
  const child = spawn('microsocks', ['-i', '127.0.0.1', '-p', `${port}`, ...more], {
    stdio: 'ignore',
  })
  t.after(() => child.kill())
  for (let tries = 0; !(await accepts(port)); tries++) assert(tries < 500, 'microsocks starts')
  return port
}

const accepts = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => resolve(true))
    socket.on('error', () => setTimeout(() => resolve(false), 10))
    socket.on('connect', () => socket.destroy())
  })

async function clientOf(t: TestContext, url: string, proxyUrl: string, tls: object = {}) {
  const { ctx } = testContext()
  const client = new HttpClient({
    url: new URL(url),
    tls: tlsClientFields.parse(tls),
    headers: new Map(),
    proxyUrl,
    agent: { keepAlive: true },
    maxRedirects: 2,
    cookies: false,
    authenticator: () => undefined,
    log: ctx.log,
    duration: ctx.duration,
  })
  await client.open()
  t.after(() => client.close())
  const signal = AbortSignal.timeout(5000)
  return (text: string) =>
    client.post({ headers: {}, body: [Buffer.from(text)], signal, maxResponseBytes: 100 })
}

const echo: http.RequestListener = async (request, response) => {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part)
  response.end(`${request.url} ${Buffer.concat(parts)}`)
}

async function portOf(t: TestContext, server: net.Server) {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return (server.address() as AddressInfo).port
}

/** Calls a server, which speaks first, over gRPC; gives its port. */
async function callThrough(t: TestContext, proxy: string): Promise<number> {
  const server = http2.createServer()
  server.on('session', (session) => t.after(() => session.destroy()))
  server.on('stream', (stream: http2.ServerHttp2Stream) => {
    stream.resume().respond({ ':status': 200, 'grpc-status': '0' }, { endStream: true })
  })
  const port = await portOf(t, server)
  const answer = await grpcCaller(t, port, { proxy: new URL(proxy) })()
  assert.equal(answer.message.length, 0)
  return port
}

describe('through tinyproxy', () => {
  test('plain HTTP, several times', async (t) => {
    const proxy = await tinyproxy(t)
    const port = await portOf(t, http.createServer(echo))
    const post = await clientOf(t, `http://127.0.0.1:${port}/v1/traces`, proxy.url)
    for (const text of ['a', 'b']) {
      assert.equal((await post(text)).body.toString(), `/v1/traces ${text}`)
    }
    assert.match(proxy.log(), new RegExp(`POST http://127.0.0.1:${port}/v1/traces`))
  })

  test('HTTPS by a tunnel, with the certificate of the target', async (t) => {
    const pem = makeCertificates()
    const proxy = await tinyproxy(t)
    const files = { cert: readFileSync(pem.serverCert), key: readFileSync(pem.serverKey) }
    const port = await portOf(t, https.createServer(files, echo))
    const post = await clientOf(t, `https://localhost:${port}/x`, proxy.url, { ca_file: pem.ca })
    assert.equal((await post('a')).body.toString(), '/x a')
    assert.match(proxy.log(), new RegExp(`CONNECT localhost:${port}`))
    const strange = await clientOf(t, `https://localhost:${port}/x`, proxy.url)
    await assert.rejects(strange('a'), /certificate/)
  })

  test('with a name and a password, or not at all', async (t) => {
    const proxy = await tinyproxy(t, 'BasicAuth me secret\n')
    const port = await portOf(t, http.createServer(echo))
    const target = `http://127.0.0.1:${port}/`
    const mine = await clientOf(t, target, `http://me:secret@127.0.0.1:${proxy.port}`)
    assert.equal((await mine('a')).status, 200)
    const other = await clientOf(t, target, proxy.url)
    // It answers 407 and closes without reading, which may overtake the answer.
    const status = await other('a')
      .then((response) => response.status)
      .catch(() => 407)
    assert.equal(status, 407)
  })

  test('gRPC', async (t) => {
    const proxy = await tinyproxy(t)
    const port = await callThrough(t, proxy.url)
    assert.match(proxy.log(), new RegExp(`CONNECT 127.0.0.1:${port}`))
  })

  test('gRPC gives up on a proxy that hangs up', async (t) => {
    const silent = await portOf(
      t,
      net.createServer((socket) => socket.destroy()),
    )
    const called = callThrough(t, `http://127.0.0.1:${silent}`)
    await assert.rejects(called, /connect 127\.0\.0\.1:\d+: .*proxy 127\.0\.0\.1:\d+: /)
  })
})

describe('through microsocks', () => {
  test('plain HTTP, twice over one connection', async (t) => {
    const proxy = await microsocks(t)
    const peers = new Set<number | undefined>()
    const server = http.createServer((request, response) => {
      peers.add(request.socket.remotePort)
      void echo(request, response)
    })
    const port = await portOf(t, server)
    const post = await clientOf(t, `http://localhost:${port}/x`, `socks5://127.0.0.1:${proxy}`)
    for (const text of ['a', 'b']) assert.equal((await post(text)).body.toString(), `/x ${text}`)
    assert.equal(peers.size, 1, 'the connection is kept')
  })

  test('HTTPS, with the certificate of the target', async (t) => {
    const pem = makeCertificates()
    const proxy = `socks5h://127.0.0.1:${await microsocks(t)}`
    const files = { cert: readFileSync(pem.serverCert), key: readFileSync(pem.serverKey) }
    const port = await portOf(t, https.createServer(files, echo))
    const post = await clientOf(t, `https://localhost:${port}/x`, proxy, { ca_file: pem.ca })
    assert.equal((await post('a')).body.toString(), '/x a')
    const strange = await clientOf(t, `https://localhost:${port}/x`, proxy)
    await assert.rejects(strange('a'), /certificate/)
  })

  test('with a name and a password, or not at all', async (t) => {
    const proxy = await microsocks(t, '-u', 'me', '-P', 'se:cret')
    const target = `http://127.0.0.1:${await portOf(t, http.createServer(echo))}/`
    const mine = await clientOf(t, target, `socks5://me:se%3Acret@127.0.0.1:${proxy}`)
    assert.equal((await mine('a')).status, 200)
    for (const who of ['', 'me:wrong@']) {
      const other = await clientOf(t, target, `socks5://${who}127.0.0.1:${proxy}`)
      await assert.rejects(other('a'), /^Error: proxy 127.0.0.1:\d+: SOCKS to 127.0.0.1:\d+: /)
    }
  })

  test('gRPC, whose server speaks first, with a name and a password', async (t) => {
    const proxy = await microsocks(t, '-u', 'me', '-P', 'x')
    for (let calls = 0; calls < 20; calls++)
      await callThrough(t, `socks5://me:x@127.0.0.1:${proxy}`)
    const refused = callThrough(t, `socks5h://127.0.0.1:${proxy}`)
    await assert.rejects(refused, /proxy 127\.0\.0\.1:\d+: SOCKS to 127\.0\.0\.1:\d+: /)
  })

  test('says so when nobody listens behind it', async (t) => {
    const proxy = await microsocks(t)
    const target = `http://127.0.0.1:${await freePort()}/`
    const post = await clientOf(t, target, `socks5://127.0.0.1:${proxy}`)
    await assert.rejects(post('a'), /SOCKS to .*ConnectionRefused/)
  })
})

describe('redirects', () => {
  const answer =
    (status: number, location: string): http.RequestListener =>
    (request, response) => {
      if (request.url === '/to') void echo(request, response)
      else response.writeHead(status, { location }).end()
    }
  const rows: [status: number, location: string, want: number][] = [
    [307, '/to', 200],
    [308, '/to', 200],
    [302, '/to', 302],
    [307, 'http://localhost:1/to', 307],
    [307, '/again', 307],
  ]
  for (const [status, location, want] of rows) {
    test(`${status} to ${location}: ${want}`, async (t) => {
      const port = await portOf(t, http.createServer(answer(status, location)))
      const post = await clientOf(t, `http://127.0.0.1:${port}/from`, '')
      const response = await post('body')
      assert.equal(response.status, want)
      if (want === 200) assert.equal(response.body.toString(), '/to body')
    })
  }
})
