/** One step of a conversation: bytes (latin1) that one end writes and the other reads before the next step. */
export interface Step {
  readonly from: 'client' | 'server'
  readonly data?: string
  /** Written in pieces of so many bytes, each read before the next is written. */
  readonly split?: number
  readonly pauseMs?: number
  /** Ends this direction after the bytes. */
  readonly end?: boolean
  /** Cuts the connection after the bytes. */
  readonly reset?: boolean
}

/** What the span of one path must say, at both ends. */
export interface Expected {
  readonly path: string
  readonly method?: string
  /** Absent: the span has no status. */
  readonly status?: number
  readonly responseBody?: number
  readonly requestBody?: number
  /** `weir.partial` must be there. */
  readonly partial?: boolean
  /** `error.type` must be there. */
  readonly error?: boolean
}

export interface RawCase {
  readonly name: string
  readonly steps: readonly Step[]
  readonly spans: readonly Expected[]
}

const ask = (data: string, more: Partial<Step> = {}): Step => ({ from: 'client', data, ...more })
const answer = (data: string, more: Partial<Step> = {}): Step => ({ from: 'server', data, ...more })
const get = (path: string, headers = '') => `GET ${path} HTTP/1.1\r\nHost: raw\r\n${headers}\r\n`
const post = (path: string, body: string, headers = '') =>
  `POST ${path} HTTP/1.1\r\nHost: raw\r\nContent-Length: ${body.length}\r\n${headers}\r\n${body}`
const ok = (body: string, status = '200 OK') =>
  `HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\n\r\n${body}`
const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
const LONG_HEADER = `X-Long: ${'x'.repeat(6000)}\r\n`

export const RAW_CASES: readonly RawCase[] = [
  {
    name: 'a plain exchange',
    steps: [ask(get('/r/plain/x')), answer(ok('hello'))],
    spans: [{ path: '/r/plain/x', status: 200, responseBody: 5 }],
  },
  {
    name: 'three on one connection',
    steps: ['a', 'b', 'c'].flatMap((n) => [ask(get(`/r/kept-${n}/x`)), answer(ok(n))]),
    spans: ['a', 'b', 'c'].map((n) => ({ path: `/r/kept-${n}/x`, status: 200, responseBody: 1 })),
  },
  {
    name: 'two pipelined, answered one by one',
    steps: [
      ask(get('/r/pipe-1/x') + get('/r/pipe-2/x')),
      answer(ok('one')),
      answer(ok('second', '404 Not Found')),
    ],
    spans: [
      { path: '/r/pipe-1/x', status: 200, responseBody: 3 },
      { path: '/r/pipe-2/x', status: 404, responseBody: 6 },
    ],
  },
  {
    name: 'two pipelined, the second answer beyond the capture limit of one write',
    steps: [ask(get('/r/far-1/x') + get('/r/far-2/x')), answer(ok('y'.repeat(9000)) + ok('z'))],
    spans: [
      { path: '/r/far-1/x', status: 200, responseBody: 9000 },
      { path: '/r/far-2/x', partial: true },
    ],
  },
  {
    name: 'chunked in three writes',
    steps: [
      ask(get('/r/chunked/x')),
      answer(CHUNKED),
      answer('5\r\nhello\r\n'),
      answer('0\r\n\r\n'),
    ],
    spans: [{ path: '/r/chunked/x', status: 200 }],
  },
  {
    name: 'chunked, far beyond the capture limit, then another',
    steps: [
      ask(get('/r/chunked-far/x')),
      answer(`${CHUNKED}2000\r\n${'c'.repeat(8192)}\r\n`),
      answer(`2000\r\n${'c'.repeat(8192)}\r\n`),
      answer('0\r\n\r\n'),
      ask(get('/r/after-chunked/x')),
      answer(ok('')),
    ],
    spans: [
      { path: '/r/chunked-far/x', status: 200 },
      { path: '/r/after-chunked/x', status: 200, responseBody: 0 },
    ],
  },
  {
    name: 'HEAD, 204 and 304 have no body',
    steps: [
      ask('HEAD /r/head/x HTTP/1.1\r\nHost: raw\r\n\r\n'),
      answer('HTTP/1.1 200 OK\r\nContent-Length: 12345\r\n\r\n'),
      ask(get('/r/204/x')),
      answer('HTTP/1.1 204 No Content\r\n\r\n'),
      ask(get('/r/304/x')),
      answer('HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n'),
    ],
    spans: [
      { path: '/r/head/x', method: 'HEAD', status: 200 },
      { path: '/r/204/x', status: 204 },
      { path: '/r/304/x', status: 304 },
    ],
  },
  {
    name: '100 Continue before the body',
    steps: [
      ask(
        'POST /r/continue/x HTTP/1.1\r\nHost: raw\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n',
      ),
      answer('HTTP/1.1 100 Continue\r\n\r\n'),
      ask('body'),
      answer(ok('done', '201 Created')),
    ],
    spans: [
      { path: '/r/continue/x', method: 'POST', status: 201, requestBody: 4, responseBody: 4 },
    ],
  },
  {
    name: '103 Early Hints in the same write as the answer',
    steps: [
      ask(get('/r/hints/x')),
      answer(`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${ok('final')}`),
    ],
    spans: [{ path: '/r/hints/x', status: 200, responseBody: 5 }],
  },
  {
    name: 'an upgrade, then bytes that are not HTTP',
    steps: [
      ask(get('/r/upgrade/x', 'Connection: Upgrade\r\nUpgrade: websocket\r\n')),
      answer(
        'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
      ),
      ask('\x81\x05hello'),
      answer(`\x81\x05${get('/r/never/x')}`),
    ],
    spans: [{ path: '/r/upgrade/x', status: 101 }],
  },
  {
    name: 'heads larger than the capture limit',
    steps: [
      ask(get('/r/long/x', LONG_HEADER)),
      answer(`HTTP/1.1 200 OK\r\n${LONG_HEADER}Content-Length: 2\r\n\r\nok`),
    ],
    spans: [{ path: '/r/long/x', status: 200 }],
  },
  {
    name: 'heads byte by byte',
    steps: [ask(get('/r/bytes/x'), { split: 1 }), answer(ok('slow'), { split: 1 })],
    spans: [{ path: '/r/bytes/x', status: 200, responseBody: 4 }],
  },
  {
    name: 'heads in pieces of seven, kept alive',
    steps: ['1', '2'].flatMap((n) => [
      ask(post(`/r/seven-${n}/x`, 'some body'), { split: 7 }),
      answer(ok('an answer'), { split: 7 }),
    ]),
    spans: ['1', '2'].map((n) => ({
      path: `/r/seven-${n}/x`,
      method: 'POST',
      status: 200,
      requestBody: 9,
      responseBody: 9,
    })),
  },
  {
    name: 'bodies that look like heads',
    steps: [
      ask(post('/r/lookalike/x', get('/r/not-me/x'))),
      answer(ok(ok('HTTP/1.1 500 No\r\n\r\n'))),
    ],
    spans: [{ path: '/r/lookalike/x', method: 'POST', status: 200 }],
  },
  {
    name: 'an answer that begins before the request body has ended',
    steps: [
      ask('POST /r/early/x HTTP/1.1\r\nHost: raw\r\nContent-Length: 8\r\n\r\nhalf'),
      answer('HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\n'),
      ask('half'),
      answer('big'),
      ask(get('/r/after-early/x')),
      answer(ok('')),
    ],
    spans: [
      { path: '/r/early/x', method: 'POST', status: 413, requestBody: 8, responseBody: 3 },
      { path: '/r/after-early/x', status: 200 },
    ],
  },
  {
    name: 'reset by the server in the middle of its answer',
    steps: [
      ask(get('/r/cut/x')),
      answer('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this', {
        pauseMs: 20,
        reset: true,
      }),
    ],
    spans: [{ path: '/r/cut/x', status: 200, error: true }],
  },
  {
    name: 'reset by the client while it waits',
    steps: [ask(get('/r/left/x'), { pauseMs: 20, reset: true })],
    spans: [{ path: '/r/left/x', error: true }],
  },
  {
    name: 'half-closed by the client, answered until the end of the connection',
    steps: [
      ask('GET /r/half/x HTTP/1.0\r\n\r\n', { end: true }),
      answer('HTTP/1.0 200 OK\r\n\r\nuntil the end', { end: true }),
    ],
    spans: [{ path: '/r/half/x', status: 200, responseBody: 13 }],
  },
  {
    name: 'empty lines before the request, no reason phrase',
    steps: [
      ask(`\r\n\r\n${get('/r/blank/x')}`),
      answer('HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n'),
    ],
    spans: [{ path: '/r/blank/x', status: 200, responseBody: 0 }],
  },
  {
    name: 'absolute form',
    steps: [
      ask('GET http://raw.example/r/absolute/x HTTP/1.1\r\nHost: other\r\n\r\n'),
      answer(ok('a')),
    ],
    spans: [{ path: '/r/absolute/x', status: 200, responseBody: 1 }],
  },
  {
    name: 'a method that nobody knows',
    steps: [ask('FROBNICATE /r/odd/x HTTP/1.1\r\nHost: raw\r\n\r\n'), answer(ok('odd'))],
    spans: [{ path: '/r/odd/x', method: '_OTHER', status: 200 }],
  },
  {
    name: 'a server error',
    steps: [ask(get('/r/broken/x')), answer(ok('oops', '503 Service Unavailable'))],
    spans: [{ path: '/r/broken/x', status: 503, error: true }],
  },
]
