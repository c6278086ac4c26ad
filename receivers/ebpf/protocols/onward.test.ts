import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Span } from '../../../pipeline/data/traces.ts'
import { all, CLIENT, data, get, ok, SERVER } from './http2/testing.ts'
import { openStreams, PROTOCOL_DEFAULTS } from './table.ts'
import { type Conversation, CUTS, play } from './testing/chunk_play.ts'

const open = openStreams(PROTOCOL_DEFAULTS)
const ask = (said: Buffer | string) => ['request', said] as const
const say = (said: Buffer | string) => ['response', said] as const

const CONNECT = ask('CONNECT shop:80 HTTP/1.1\r\nHost: shop:80\r\n\r\n')
const OPENED = 'HTTP/1.1 200 Connection established\r\n\r\n'
const GET = ask('GET /a HTTP/1.1\r\nHost: shop\r\n\r\n')
const ANSWER = say('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
const upgradeTo = (protocol: string) =>
  ask(`GET /a HTTP/1.1\r\nHost: shop\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`)
const switching = (protocol: string) =>
  `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`

/** Name, path, status, version. */
function lineOf({ name, attributes }: Span): string {
  const keys = ['url.path', 'http.response.status_code', 'network.protocol.version']
  const facts = keys.map((wanted) => {
    const found = attributes.find(({ key }) => key === wanted)?.value
    return found !== undefined && 'value' in found ? String(found.value) : ''
  })
  return [name, ...facts].filter((fact) => fact !== '').join(' ')
}

/** `least`: bytes of a chunk in which it is still recognised. */
type Row = [name: string, conversation: Conversation, wanted: readonly string[], least?: number]
const ROWS: Row[] = [
  [
    'HTTP/1 in a tunnel',
    [CONNECT, say(OPENED), GET, ANSWER, GET, ANSWER],
    ['CONNECT 200 1.1', 'GET /a 200 1.1', 'GET /a 200 1.1'],
  ],
  [
    'HTTP/2 in a tunnel',
    [CONNECT, say(OPENED), ask(all(CLIENT, get(1, '/a'))), say(all(SERVER, ok(1)))],
    ['CONNECT 200 1.1', 'GET /a 200 2'],
    24,
  ],
  [
    'Redis in a tunnel',
    [CONNECT, say(OPENED), ask('*1\r\n$4\r\nPING\r\n'), say('+PONG\r\n')],
    ['CONNECT 200 1.1', 'PING'],
  ],
  [
    'a tunnel that was not opened',
    [CONNECT, say('HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n'), GET, ANSWER],
    ['CONNECT 403 1.1', 'GET /a 200 1.1'],
  ],
  [
    'h2c: the request is the first stream',
    [
      upgradeTo('h2c'),
      say(Buffer.concat([Buffer.from(switching('h2c')), SERVER])),
      ask(all(CLIENT, get(3, '/b'))),
      say(all(ok(1, 4), data(1, 'ok'), ok(3))),
    ],
    ['GET /a 200 2', 'GET /b 200 2'],
  ],
  [
    'h2c: the response comes before the preface',
    [
      upgradeTo('h2c'),
      say(Buffer.concat([Buffer.from(switching('h2c')), SERVER, ok(1)])),
      ask(CLIENT),
    ],
    ['GET /a 200 2'],
  ],
  [
    'what is not followed',
    [upgradeTo('websocket'), say(switching('websocket')), ask('GET /no HTTP/1.1\r\n\r\n')],
    ['GET /a 101 1.1'],
  ],
]

describe('what an exchange of HTTP/1 leads on to', () => {
  for (const [name, conversation, wanted, least = 1] of ROWS) {
    for (const cut of [Number.POSITIVE_INFINITY, ...CUTS].filter((bytes) => bytes >= least)) {
      test(`${name}, cut at ${cut}`, () => {
        assert.deepEqual(play(open, conversation, { cut }).spans.map(lineOf), wanted)
      })
    }
  }
})
