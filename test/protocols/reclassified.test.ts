import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { freePort } from '../support/ports.ts'
import { startApache, WITH_H2C } from '../truth/apache.ts'
import type { Server } from '../truth/programs.ts'
import type { ReceivedSpan } from '../truth/sink.ts'
import { type NginxServer, startNginx } from './nginx_server.ts'
import { type Started, start } from './started.ts'
import { countOf, run, startWatching, type Watch } from './watch.ts'

/** Takes CONNECT to anywhere. */
async function startTinyproxy(folder: string): Promise<{ port: string; proxy: Started }> {
  const port = String(await freePort())
  const config = join(folder, 'tinyproxy.conf')
  writeFileSync(config, `Port ${port}\nListen 127.0.0.1\nAllow 127.0.0.1\n`)
  return { port, proxy: await start('tinyproxy', ['-d', '-c', config], 'listening') }
}

/** Sends what it gets on to `port`, with a header of the PROXY protocol's second version in front. */
async function startHaproxy(folder: string, to: string): Promise<{ port: string; proxy: Started }> {
  const port = String(await freePort())
  const config = join(folder, 'haproxy.cfg')
  writeFileSync(
    config,
    `global
  log stderr format raw daemon
defaults
  mode tcp
  timeout connect 5s
  timeout client 60s
  timeout server 60s
listen all
  bind 127.0.0.1:${port}
  server one 127.0.0.1:${to} send-proxy-v2
`,
  )
  return { port, proxy: await start('haproxy', ['-db', '-V', '-f', config], 'Using') }
}

/** Kind, method, path, status, version. */
function lineOf(span: ReceivedSpan): string {
  const text = (key: string) => String(span.attributes.get(key) ?? '')
  const path = text('url.path') || text('url.full').replace(/^(https?:\/\/)?[^/]+/, '')
  const facts = [text('http.response.status_code'), text('network.protocol.version')]
  return [span.kind, text('http.request.method'), path, ...facts, text('weir.partial')]
    .join(' ')
    .trim()
}

describe('connections that change what they speak', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-reclassified-'))
  let nginx: NginxServer
  let apache: Server
  let tinyproxy: Awaited<ReturnType<typeof startTinyproxy>>
  let haproxy: Awaited<ReturnType<typeof startHaproxy>>
  let watch: Watch

  before(async () => {
    nginx = await startNginx()
    apache = await startApache('event', WITH_H2C)(folder)
    tinyproxy = await startTinyproxy(folder)
    haproxy = await startHaproxy(folder, nginx.proxiedPorts[0])
    watch = await startWatching()
  })

  after(async () => {
    await watch.stop()
    for (const { proxy } of [tinyproxy, haproxy]) await proxy.stop()
    await apache.stop()
    await nginx.stop()
    rmSync(folder, { recursive: true })
  })

  /** The spans that curl with these arguments gives, which are to be `wanted`. */
  async function spansOf(args: readonly string[], wanted: readonly string[]) {
    const from = watch.spans.length
    await run('curl', ['--silent', '--fail', '--output', '/dev/null', ...args])
    const ports = [apache.port, nginx.tlsPort, haproxy.port, ...nginx.proxiedPorts].map(String)
    const spans = () =>
      watch.spans.slice(from).filter((span) => ports.includes(port(span, 'server.port')))
    const sorted = JSON.stringify(countOf(wanted))
    await watch.settled(() => JSON.stringify(countOf(spans().map(lineOf))) === sorted)
    assert.deepEqual(countOf(spans().map(lineOf)), countOf(wanted))
    return spans()
  }

  const port = (span: ReceivedSpan, key: string) => String(span.attributes.get(key))

  test('Upgrade: h2c', async () => {
    const wanted = ['client', 'server'].map((kind) => `${kind} GET /r/a/small 200 2`)
    await spansOf(['--http2', `${apache.base}/r/a/small`], wanted)
  })

  test('CONNECT, and HTTP behind it', async () => {
    const spans = await spansOf(
      ['--proxytunnel', '--proxy', `127.0.0.1:${tinyproxy.port}`, `${apache.base}/r/c/small`],
      [
        'client CONNECT  200 1.1',
        'server CONNECT  200 1.1',
        // curl and tinyproxy, which hands on what it gets, and the server.
        ...['client', 'client', 'server', 'server'].map((kind) => `${kind} GET /r/c/small 200 1.1`),
      ],
    )
    for (const span of spans) assert.equal(port(span, 'server.port'), String(apache.port))
  })

  test('CONNECT, and TLS behind it', async () => {
    const proxied = ['--proxy', `127.0.0.1:${tinyproxy.port}`, '--cacert', nginx.ca]
    const spans = await spansOf(
      [...proxied, '--http1.1', `https://127.0.0.1:${nginx.tlsPort}/page`],
      [
        'client CONNECT  200 1.1',
        'server CONNECT  200 1.1',
        'client GET /page 200 1.1',
        'server GET /page 200 1.1',
      ],
    )
    const client = spans.find((span) => lineOf(span).startsWith('client GET'))
    assert.equal(client && port(client, 'network.peer.port'), tinyproxy.port)
  })

  test('the PROXY protocol in front of HTTP, by a header of text', async () => {
    const [plain] = nginx.proxiedPorts
    const url = `http://127.0.0.1:${plain}/page`
    const wanted = ['client', 'server'].map((kind) => `${kind} GET /page 200 1.1`)
    const spans = await spansOf(['--haproxy-protocol', url], wanted)
    for (const span of spans) assert.equal(port(span, 'server.port'), plain)
  })

  test('the PROXY protocol in front of TLS', async () => {
    const url = `https://127.0.0.1:${nginx.proxiedPorts[1]}/page`
    const wanted = ['client', 'server'].map((kind) => `${kind} GET /page 200 1.1`)
    await spansOf(['--haproxy-protocol', '--cacert', nginx.ca, '--http1.1', url], wanted)
  })

  test('the PROXY protocol in front of HTTP, by a header of bytes', async () => {
    const url = `http://127.0.0.1:${haproxy.port}/page`
    const kinds = ['client', 'client', 'server', 'server']
    await spansOf(
      [url, url, '--output', '/dev/null'],
      [...kinds, ...kinds].map((kind) => `${kind} GET /page 200 1.1`),
    )
  })
})
