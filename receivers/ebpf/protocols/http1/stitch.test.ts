import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { EndReason, Role } from '../../protocol.ts'
import { KernelModel, type Pairing } from '../testing/kernel_model.ts'
import type { Exchange } from './exchange.ts'
import { Http1Stream } from './stitch.ts'

const MS = 1e6

/** One step of a conversation: `>` request bytes, `<` response bytes, `!` an end, `~` quiet for so many ms, `?` bytes unseen. */
type Step =
  | readonly ['>' | '<', string]
  | readonly ['!', EndReason]
  | readonly ['~', number]
  | readonly ['?>' | '?<', number]

/** `METHOD target status`, then what is special: its failure, `~reason` of a partial one, `req=` and `res=` body sizes, `ms=` its duration. */
interface Case {
  readonly name: string
  readonly steps: readonly Step[]
  readonly want: readonly string[]
  readonly counts?: Readonly<Record<string, number>>
  readonly role?: Role
  readonly adopted?: boolean
  readonly ignored?: boolean
}

const body = (n: number) => 'x'.repeat(n)
const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`
const post = (path: string, n: number, more = '') =>
  `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: ${n}\r\n${more}\r\n`
const ok = (n: number, more = '') => `HTTP/1.1 200 OK\r\nContent-Length: ${n}\r\n${more}\r\n`
const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
/** A head that the capture of 256 bytes cuts. */
const LONG = `X-Long: ${'y'.repeat(300)}\r\n`

function play(one: Case, pairing: Pairing, bytewise = false) {
  const spans: string[] = []
  const counts: Record<string, number> = {}
  let ignored = false
  const stream = new Http1Stream(
    { role: one.role ?? 'server', adopted: one.adopted ?? false },
    {
      exchange: (exchange) => {
        spans.push(describeExchange(exchange))
      },
      count: (reason, n = 1) => {
        counts[reason] = (counts[reason] ?? 0) + n
      },
      verdict: (verdict) => {
        ignored ||= verdict === 'ignore'
      },
    },
  )
  const kernel = new KernelModel(one.role ?? 'server', stream, pairing)
  let ns = 0
  for (const [kind, what] of one.steps) {
    if (kind === '~') {
      for (let i = 0; i < what / 10; i++) {
        ns += 10 * MS
        kernel.drain(ns)
      }
      continue
    }
    if (kind === '?>' || kind === '?<') {
      kernel.unseen(kind === '?>' ? 'request' : 'response', what)
      continue
    }
    ns += MS
    if (kind === '!') {
      kernel.end(what, ns)
      continue
    }
    const data = Buffer.from(String(what), 'latin1')
    const size = bytewise ? 1 : data.length
    for (let at = 0; at < data.length; at += size) {
      kernel.call(kind === '>' ? 'request' : 'response', data.subarray(at, at + size), ns)
      kernel.drain(ns)
    }
  }
  return { spans, counts, ignored }
}

function describeExchange({ request, response, endNs, failure, partial }: Exchange): string {
  const words: (string | number)[] = [
    request.head.method,
    request.head.target,
    response?.head?.status ?? '-',
  ]
  if (failure !== '') words.push(failure)
  if (partial !== '') words.push(`~${partial}`)
  if (request.bodyBytes) words.push(`req=${request.bodyBytes}`)
  if (response?.bodyBytes) words.push(`res=${response.bodyBytes}`)
  words.push(`ms=${(endNs - request.firstNs) / MS}`)
  return words.join(' ')
}

const cases: Case[] = [
  {
    name: 'keep-alive: one after the other',
    steps: [
      ['>', get('/1')],
      ['<', ok(2) + body(2)],
      ['>', get('/2')],
      ['<', ok(3) + body(3)],
    ],
    want: ['GET /1 200 res=2 ms=1', 'GET /2 200 res=3 ms=1'],
  },
  {
    name: 'head and body of the response by two calls',
    steps: [
      ['>', get('/')],
      ['<', ok(1000)],
      ['<', body(1000)],
      ['~', 30],
    ],
    want: ['GET / 200 res=1000 ms=2'],
  },
  {
    name: 'body by many calls, and the next request at once',
    steps: [
      ['>', get('/1')],
      ['<', ok(3000)],
      ['<', body(1000)],
      ['<', body(2000)],
      ['>', get('/2')],
      ['<', ok(0)],
    ],
    want: ['GET /1 200 res=3000 ms=3', 'GET /2 200 ms=1'],
  },
  {
    name: 'pipelined: three asked by one call, answered one by one',
    steps: [
      ['>', get('/1') + get('/2') + get('/3')],
      ['<', ok(1) + body(1)],
      ['<', ok(2) + body(2)],
      ['<', ok(0)],
    ],
    want: ['GET /1 200 res=1 ms=1', 'GET /2 200 res=2 ms=2', 'GET /3 200 ms=3'],
  },
  {
    name: 'pipelined: a long answer before another',
    steps: [
      ['>', get('/1') + get('/2')],
      ['<', ok(900)],
      ['<', body(900)],
      ['<', ok(2) + body(2)],
    ],
    want: ['GET /1 200 res=900 ms=2', 'GET /2 200 res=2 ms=3'],
  },
  {
    name: 'pipelined: answers by one call, all captured',
    steps: [
      ['>', get('/1') + get('/2')],
      ['<', ok(1) + body(1) + ok(2) + body(2)],
    ],
    want: ['GET /1 200 res=1 ms=1', 'GET /2 200 res=2 ms=1'],
  },
  {
    name: 'pipelined: answers by one call, the second head not captured',
    steps: [
      ['>', get('/1') + get('/2')],
      ['<', ok(500) + body(500) + ok(2) + body(2)],
      ['>', get('/3')],
      ['<', ok(0)],
    ],
    want: ['GET /1 200 res=500 ms=1', 'GET /2 - ~response_head_unseen ms=1', 'GET /3 200 ms=1'],
    counts: { response_head_unseen: 1 },
  },
  {
    name: 'pipelined: the second head not captured, and then silence',
    steps: [
      ['>', get('/1') + get('/2')],
      ['<', ok(500) + body(500) + ok(2) + body(2)],
      ['~', 1100],
    ],
    want: ['GET /1 200 res=500 ms=1', 'GET /2 - ~response_head_unseen ms=1'],
    counts: { response_head_unseen: 1 },
  },
  {
    name: 'pipelined: the capture ends inside the method of the last request',
    steps: [
      ['>', post('/1', 972) + body(972) + get('/2')],
      ['<', ok(1) + body(1)],
      ['<', ok(2) + body(2)],
      ['>', get('/3')],
      ['<', ok(0)],
    ],
    want: ['POST /1 200 req=972 res=1 ms=1', 'GET /3 200 ms=1'],
    counts: { request_head_unseen: 1 },
  },
  {
    name: 'adopted inside a method: its rest is none',
    adopted: true,
    steps: [
      ['>', 'T'],
      ['>', ' /0 HTTP/1.1\r\n\r\n'],
      ['<', ok(0)],
      ['>', get('/1')],
      ['<', ok(0)],
    ],
    want: ['GET /1 200 ms=1'],
  },
  {
    name: 'chunked, all of it captured',
    steps: [
      ['>', get('/')],
      ['<', `${CHUNKED}5\r\nhello\r\n0\r\n\r\n`],
    ],
    want: ['GET / 200 res=5 ms=1'],
  },
  {
    name: 'chunked: one large chunk, its end beyond the capture',
    steps: [
      ['>', get('/')],
      ['<', `${CHUNKED}3e8\r\n${body(1000)}\r\n0\r\n\r\n`],
    ],
    want: ['GET / 200 res=1000 ms=1'],
  },
  {
    name: 'chunked: many chunks by many calls end with the last one',
    steps: [
      ['>', get('/')],
      ['<', CHUNKED],
      ['<', `190\r\n${body(400)}\r\n`],
      ['<', '2\r\nab\r\n'],
      ['<', '0\r\n\r\n'],
      ['~', 30],
    ],
    want: ['GET / 200 ms=4'],
  },
  {
    name: 'chunked: data that ends like the last chunk does',
    steps: [
      ['>', get('/')],
      ['<', CHUNKED],
      ['<', `190\r\n${body(393)}\r\n0\r\n\r\n`],
      ['<', '\r\n0\r\n\r\n'],
      ['~', 30],
    ],
    want: ['GET / 200 ms=3'],
  },
  {
    name: 'chunked request, then its answer',
    steps: [
      ['>', 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n'],
      ['>', '3\r\nabc\r\n0\r\n\r\n'],
      ['<', ok(0)],
    ],
    want: ['POST / 200 req=3 ms=2'],
  },
  {
    name: 'answers to HEAD, 204 and 304 have no body, whatever they say',
    steps: [
      ['>', 'HEAD /1 HTTP/1.1\r\n\r\n'],
      ['<', ok(500)],
      ['>', get('/2')],
      ['<', 'HTTP/1.1 204 No Content\r\n\r\n'],
      ['>', get('/3')],
      ['<', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n'],
    ],
    want: ['HEAD /1 200 ms=1', 'GET /2 204 ms=1', 'GET /3 304 ms=1'],
  },
  {
    name: '100-continue, then the body, then the answer',
    steps: [
      ['>', post('/', 300, 'Expect: 100-continue\r\n')],
      ['<', 'HTTP/1.1 100 Continue\r\n\r\n'],
      ['>', body(300)],
      ['<', ok(1) + body(1)],
    ],
    want: ['POST / 200 req=300 res=1 ms=3'],
  },
  {
    name: '103 and the answer in one run',
    steps: [
      ['>', get('/')],
      ['<', 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'],
      ['<', ok(4) + body(4)],
    ],
    want: ['GET / 200 res=4 ms=2'],
  },
  {
    name: 'upgrade: one span, then nothing more is looked at',
    steps: [
      ['>', get('/ws', 'Upgrade: websocket\r\n')],
      ['<', 'HTTP/1.1 101 Switching Protocols\r\n\r\n'],
      ['>', get('/no')],
      ['<', ok(0)],
    ],
    want: ['GET /ws 101 ms=1'],
    counts: { upgraded: 1 },
    ignored: true,
  },
  {
    name: 'upgrade refused',
    steps: [
      ['>', get('/1', 'Upgrade: h2c\r\n')],
      ['<', ok(0)],
      ['>', get('/2')],
      ['<', ok(0)],
    ],
    want: ['GET /1 200 ms=1', 'GET /2 200 ms=1'],
  },
  {
    name: 'CONNECT opens a tunnel',
    steps: [
      ['>', 'CONNECT a:443 HTTP/1.1\r\n\r\n'],
      ['<', 'HTTP/1.1 200 OK\r\n\r\n'],
      ['>', 'anything'],
    ],
    want: ['CONNECT a:443 200 ms=1'],
    counts: { upgraded: 1 },
    ignored: true,
  },
  {
    name: 'close-delimited, HTTP/1.0',
    steps: [
      ['>', 'GET / HTTP/1.0\r\n\r\n'],
      ['<', 'HTTP/1.0 200 OK\r\n\r\n'],
      ['<', body(700)],
      ['!', 'out'],
      ['!', 'closed'],
    ],
    want: ['GET / 200 res=700 ms=2'],
  },
  {
    name: 'response head longer than the capture, its length seen',
    steps: [
      ['>', get('/')],
      ['<', ok(10, LONG) + body(10)],
      ['~', 30],
    ],
    want: ['GET / 200 res=10 ms=1'],
  },
  {
    name: 'response head longer than the capture, head and body apart',
    steps: [
      ['>', get('/')],
      ['<', ok(5000, LONG)],
      ['<', body(5000)],
      ['~', 10],
    ],
    want: ['GET / 200 res=5000 ms=2'],
  },
  {
    name: 'response head longer than the capture, its length too far behind, ended by the next request',
    steps: [
      ['>', get('/1')],
      ['<', `HTTP/1.1 200 OK\r\n${LONG}Content-Length: 3\r\n\r\nabc`],
      ['>', get('/2')],
      ['<', ok(0)],
    ],
    want: ['GET /1 200 ms=1', 'GET /2 200 ms=1'],
  },
  {
    name: 'response head longer than the capture, its length too far behind, ended by silence',
    steps: [
      ['>', get('/1')],
      ['<', `HTTP/1.1 200 OK\r\n${LONG}Content-Length: 3\r\n\r\nabc`],
      ['~', 1100],
      ['>', get('/2')],
      ['<', ok(0)],
    ],
    want: ['GET /1 200 ~response_end_unknown ms=1', 'GET /2 200 ms=1'],
    counts: { response_end_unknown: 1 },
  },
  {
    name: 'request head longer than the capture',
    steps: [
      ['>', get(`/1?${body(2000)}`)],
      ['<', ok(0)],
      ['>', get('/2')],
      ['<', ok(0)],
    ],
    want: [`GET /1?${body(1017)} 200 ~request_head_truncated ms=1`, 'GET /2 200 ms=1'],
    counts: { request_head_truncated: 1 },
  },
  {
    name: 'request bodies that look like requests',
    steps: [
      ['>', post('/1', get('/no').length)],
      ['>', get('/no')],
      ['<', ok(0)],
      ['>', post('/2', 40)],
      ['<', 'HTTP/1.1 100 Continue\r\n\r\n'],
      ['>', get('/no').padEnd(40)],
      ['<', ok(0)],
    ],
    want: [`POST /1 200 req=${get('/no').length} ms=2`, 'POST /2 200 req=40 ms=3'],
  },
  {
    name: 'a response body that looks like a response',
    steps: [
      ['>', get('/')],
      ['<', ok(ok(0).length)],
      ['<', ok(0)],
      ['>', get('/2')],
      ['<', ok(0)],
    ],
    want: [`GET / 200 res=${ok(0).length} ms=2`, 'GET /2 200 ms=1'],
  },
  {
    name: 'answered before the request body has ended',
    steps: [
      ['>', post('/1', 1500) + body(1000)],
      ['<', 'HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno'],
      ['>', body(500)],
      ['>', get('/2')],
      ['<', ok(0)],
    ],
    want: ['POST /1 413 res=2 ms=1', 'GET /2 200 ms=1'],
  },
  {
    name: 'reset inside a response',
    steps: [
      ['>', get('/')],
      ['<', ok(900) + body(100)],
      ['!', 'reset'],
    ],
    want: ['GET / 200 connection_reset ms=1'],
  },
  {
    name: 'closed inside a response',
    steps: [
      ['>', get('/')],
      ['<', ok(900) + body(100)],
      ['!', 'closed'],
    ],
    want: ['GET / 200 connection_closed ms=1'],
  },
  {
    name: 'reset before any answer',
    steps: [
      ['>', get('/')],
      ['!', 'reset'],
    ],
    want: ['GET / - connection_reset ms=1'],
  },
  {
    name: 'half-close by the client, answered all the same',
    steps: [
      ['>', get('/')],
      ['!', 'in'],
      ['<', ok(2) + body(2)],
      ['!', 'out'],
      ['!', 'closed'],
    ],
    want: ['GET / 200 res=2 ms=2'],
  },
  {
    name: 'a server that never answers',
    steps: [
      ['>', get('/')],
      ['~', 50],
      ['!', 'in'],
      ['!', 'closed'],
    ],
    want: ['GET / - connection_closed ms=52'],
  },
  {
    name: 'a client sees its server close without an answer',
    role: 'client',
    steps: [
      ['>', get('/')],
      ['!', 'in'],
      ['!', 'closed'],
    ],
    want: ['GET / - connection_closed ms=1'],
  },
  {
    name: 'asked behind the last answer',
    steps: [
      ['>', get('/1') + get('/2')],
      ['<', ok(0, 'Connection: close\r\n')],
      ['!', 'out'],
      ['!', 'closed'],
    ],
    want: ['GET /1 200 ms=1'],
    counts: { request_unanswered: 1 },
  },
  {
    name: 'empty lines before a request, and no reason phrase',
    steps: [
      ['>', `\r\n\r\n${get('/1')}`],
      ['<', 'HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n'],
      ['>', `\r\n${get('/2')}`],
      ['<', ok(0)],
    ],
    want: ['GET /1 200 ms=1', 'GET /2 200 ms=1'],
  },
  {
    name: 'absolute form and asterisk form',
    steps: [
      ['>', get('http://b/x')],
      ['<', ok(0)],
      ['>', 'OPTIONS * HTTP/1.1\r\n\r\n'],
      ['<', ok(0)],
    ],
    want: ['GET http://b/x 200 ms=1', 'OPTIONS * 200 ms=1'],
  },
  {
    name: 'contradicting lengths: the response ends with the connection',
    steps: [
      ['>', get('/')],
      ['<', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde'],
      ['!', 'closed'],
    ],
    want: ['GET / 200 res=5 ms=1'],
  },
  {
    name: 'an answer that nobody asked for',
    steps: [
      ['<', 'HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n'],
      ['!', 'closed'],
    ],
    want: [],
    counts: { response_unpaired: 1 },
  },
  {
    name: 'a connection that ends inside a request head',
    steps: [
      ['>', 'GET / HTTP/1.1\r\nHo'],
      ['!', 'closed'],
    ],
    want: [],
    counts: { request_incomplete: 1 },
  },
  {
    name: 'an answer to a request head that never ends',
    steps: [
      ['>', 'GET /slow HTTP/1.1\r\nHo'],
      ['<', 'HTTP/1.1 408 Timeout\r\nContent-Length: 0\r\n\r\n'],
      ['!', 'closed'],
    ],
    want: ['GET /slow 408 ~request_head_truncated ms=1'],
    counts: { request_head_truncated: 1 },
  },
  {
    name: 'not HTTP at all',
    steps: [
      ['>', 'SSH-2.0-OpenSSH_9.2\r\n'],
      ['<', 'SSH-2.0-x\r\n'],
    ],
    want: [],
    counts: { protocol_unknown: 1 },
    ignored: true,
  },
  {
    name: 'HTTP/2 with prior knowledge',
    steps: [
      ['>', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
      ['<', '\0\0\0'],
    ],
    want: [],
    counts: { protocol_unknown: 1 },
    ignored: true,
  },
  {
    name: 'adopted idle: the first request counts',
    adopted: true,
    steps: [
      ['>', get('/')],
      ['<', ok(1) + body(1)],
    ],
    want: ['GET / 200 res=1 ms=1'],
  },
  {
    name: 'adopted inside a response',
    adopted: true,
    steps: [
      ['<', body(500)],
      ['<', body(500)],
      ['>', get('/')],
      ['<', ok(1) + body(1)],
    ],
    want: ['GET / 200 res=1 ms=1'],
  },
  {
    name: 'adopted inside an upload: its answer is not a span',
    adopted: true,
    steps: [
      ['>', body(500)],
      ['<', ok(0)],
      ['>', get('/')],
      ['<', ok(1) + body(1)],
    ],
    want: ['GET / 200 res=1 ms=1'],
  },
  {
    name: 'adopted, and never HTTP: given up',
    adopted: true,
    steps: Array.from({ length: 20 }, (_, i): Step => [i % 2 ? '<' : '>', '\x01\x02\x03\x04']),
    want: [],
    counts: { never_in_step: 1 },
    ignored: true,
  },
  {
    name: 'a gap inside a body of known length harms nothing',
    steps: [
      ['>', get('/1')],
      ['<', ok(300)],
      ['?<', 100],
      ['<', body(200)],
      ['>', get('/2')],
      ['<', ok(0)],
    ],
    want: ['GET /1 200 res=300 ms=2', 'GET /2 200 ms=1'],
  },
  {
    name: 'a gap between messages: out of step until the next request',
    steps: [
      ['>', get('/1')],
      ['<', ok(0)],
      ['?>', 50],
      ['?<', 50],
      ['>', get('/2')],
      ['<', ok(0)],
      ['>', get('/3')],
      ['<', ok(0)],
    ],
    want: ['GET /1 200 ms=1', 'GET /2 200 ms=1', 'GET /3 200 ms=1'],
  },
  {
    name: 'a gap instead of a response: neither its request nor the next is paired, for that would be a guess',
    steps: [
      ['>', get('/1')],
      ['?<', 50],
      ['>', get('/2')],
      ['<', ok(0)],
      ['>', get('/3')],
      ['<', ok(0)],
    ],
    want: ['GET /3 200 ms=1'],
  },
]

describe('http1 stitch', () => {
  for (const one of cases) {
    for (const pairing of ['user', 'kernel'] as const) {
      test(`${one.name}, paired by ${pairing}`, () => {
        const { spans, counts, ignored } = play(one, pairing)
        assert.deepEqual(spans, one.want)
        assert.equal(ignored, one.ignored ?? false)
        if (!one.steps.some(([kind]) => kind.startsWith('?'))) {
          assert.deepEqual(counts, one.counts ?? {})
        }
      })
    }
  }
})

describe('http1 stitch, byte by byte', () => {
  const skipped =
    /longer than the capture|not captured|answers by one call|gap|\badopted\b|chunked|pipelined|103|never ends|silence/
  for (const one of cases.filter(({ name }) => !skipped.test(name))) {
    for (const pairing of ['user', 'kernel'] as const) {
      test(`${one.name}, paired by ${pairing}`, () => {
        assert.deepEqual(play(one, pairing, true).spans, one.want)
      })
    }
  }
})
