import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { full } from '../size.ts'
import type { ReceivedSpan } from '../truth/sink.ts'
import { type Logged, type NginxServer, startNginx } from './nginx_server.ts'
import { program, type Started, start } from './started.ts'
import { countOf, run, startWatching, type Watch } from './watch.ts'

const ROUNDS = full ? 1000 : 10
const REQUESTS = full ? '10000' : '500'

const text = ({ attributes }: ReceivedSpan, key: string) => String(attributes.get(key) ?? '')

/** As the server logs it: method, path with query, status. */
function lineOf(span: ReceivedSpan): string {
  const query = text(span, 'url.query')
  const path = text(span, 'url.path') + (query === '' ? '' : `?${query}`)
  const full = text(span, 'url.full').replace(/^https?:\/\/[^/]+/, '')
  return `${text(span, 'http.request.method')} ${path || full} ${text(span, 'http.response.status_code')}`
}

const lineOfLog = ({ method, uri, status }: Logged) => `${method} ${uri} ${status}`

describe('HTTP/2: what nginx logs are spans', () => {
  let server: NginxServer
  let watch: Watch

  before(async () => {
    server = await startNginx()
  })
  after(() => server.stop())

  const ofKind = (kind: string) =>
    watch.spans.filter(
      (span) =>
        span.kind === kind &&
        [server.plainPort, server.tlsPort].includes(text(span, 'server.port')),
    )

  /** Holds the spans of either side since `from` against the log. */
  async function compare(play: () => Promise<unknown>): Promise<ReceivedSpan[]> {
    const from = {
      log: server.logged().length,
      server: ofKind('server').length,
      client: ofKind('client').length,
    }
    await play()
    const spans = (kind: 'server' | 'client') => ofKind(kind).slice(from[kind])
    const wanted = () => countOf(server.logged().slice(from.log).map(lineOfLog))
    const isEqual = (kind: 'server' | 'client') =>
      JSON.stringify(countOf(spans(kind).map(lineOf))) === JSON.stringify(wanted())
    await watch.settled(() => isEqual('server') && isEqual('client'))
    assert.ok(wanted().length > 0, 'the server logged something')
    for (const kind of ['server', 'client'] as const) {
      assert.deepEqual(countOf(spans(kind).map(lineOf)), wanted(), kind)
      for (const span of spans(kind)) assert.equal(text(span, 'network.protocol.version'), '2')
    }
    return [...spans('server'), ...spans('client')]
  }

  /** Programs that weir finds when it starts: their library is probed then. */
  const startClients = (when: string): Promise<Started[]> =>
    Promise.all(
      [`http://127.0.0.1:${server.plainPort}`, `https://127.0.0.1:${server.tlsPort}`].map(
        (origin) => {
          const args = [program('http2.mjs'), origin, server.ca, String(ROUNDS), when]
          return start(process.execPath, args, 'ready')
        },
      ),
    )

  /** `client` does what it does once its connection has been recognised. */
  async function play(client: Started): Promise<void> {
    const isSecond = (span: ReceivedSpan) => lineOf(span).includes('/page?second')
    const seconds = () => [...ofKind('server'), ...ofKind('client')].filter(isSecond).length
    const before = seconds()
    client.tell('second')
    await watch.settled(() => seconds() === before + 2)
    client.tell('all')
    await client.ended()
  }

  describe('clients that come while weir runs', () => {
    let clients: Started[] = []
    let wide: Started[] = []

    before(async () => {
      clients = await startClients('new')
      wide = await startClients('wide')
      watch = await startWatching()
    })
    after(() => watch.stop())

    const origins = () =>
      [
        ['http', '--http2-prior-knowledge', `http://127.0.0.1:${server.plainPort}`],
        ['https', '--http2', `https://127.0.0.1:${server.tlsPort}`],
      ] as const

    test('curl, one after another and at once', async () => {
      for (const [scheme, option, origin] of origins()) {
        const spans = await compare(async () => {
          const options = ['--silent', '--cacert', server.ca, '--output', '/dev/null', option]
          const curl = (...args: string[]) => run('curl', [...options, ...args])
          await curl(`${origin}/page?a=1`)
          await curl(`${origin}/missing`)
          await curl(`${origin}/large`)
          await curl(`${origin}/huge`)
          // On one connection in the clear this curl and this nginx do not get along.
          if (scheme === 'https') await curl('--parallel', `${origin}/page?[1-20]`)
        })
        for (const span of spans) {
          if (span.kind === 'server') assert.equal(text(span, 'url.scheme'), scheme)
          assert.equal(text(span, 'weir.partial'), '')
        }
      }
    })

    test('Node, many streams at once', async () => {
      for (const client of clients) await compare(() => play(client))
    })

    test('large answers, before the end of a connection whose window is wide', async () => {
      for (const client of wide) {
        const spans = await compare(() => client.ask('go', 'done'))
        for (const span of spans) {
          assert.equal(text(span, 'http.response.body.size'), String(2 << 20))
          assert.equal(text(span, 'weir.partial'), '')
        }
        client.tell('end')
        await client.ended()
      }
    })

    test('h2load', async () => {
      for (const [, , origin] of origins()) {
        await compare(() =>
          run('h2load', ['-n', REQUESTS, '-c', '4', '-m', '10', `${origin}/page`]),
        )
      }
    })
  })

  test('connections that are older than weir', async () => {
    const clients = await startClients('old')
    watch = await startWatching()
    await compare(async () => {
      for (const client of clients) await play(client)
    })
    await watch.stop()
  })
})
