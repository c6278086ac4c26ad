import { body, type Case, get, ok, playAll } from './testing/conversation.ts'

const cases: Case[] = [
  {
    name: 'upgrade: one span, then nothing more is looked at',
    bytewise: true,
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
    bytewise: true,
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
    bytewise: true,
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
    bytewise: true,
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
    name: 'reset inside a response',
    bytewise: true,
    steps: [
      ['>', get('/')],
      ['<', ok(900) + body(100)],
      ['!', 'reset'],
    ],
    want: ['GET / 200 connection_reset ms=1'],
  },
  {
    name: 'closed inside a response',
    bytewise: true,
    steps: [
      ['>', get('/')],
      ['<', ok(900) + body(100)],
      ['!', 'closed'],
    ],
    want: ['GET / 200 connection_closed ms=1'],
  },
  {
    name: 'reset before any answer',
    bytewise: true,
    steps: [
      ['>', get('/')],
      ['!', 'reset'],
    ],
    want: ['GET / - connection_reset ms=1'],
  },
  {
    name: 'half-close by the client, answered all the same',
    bytewise: true,
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
    bytewise: true,
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
    bytewise: true,
    steps: [
      ['>', get('/')],
      ['!', 'in'],
      ['!', 'closed'],
    ],
    want: ['GET / - connection_closed ms=1'],
  },
  {
    name: 'asked behind the last answer',
    bytewise: true,
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
    name: 'contradicting lengths: the response ends with the connection',
    bytewise: true,
    steps: [
      ['>', get('/')],
      ['<', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde'],
      ['!', 'closed'],
    ],
    want: ['GET / 200 res=5 ms=1'],
  },
  {
    name: 'an answer that nobody asked for',
    bytewise: true,
    steps: [
      ['<', 'HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n'],
      ['!', 'closed'],
    ],
    want: [],
    counts: { response_unpaired: 1 },
  },
  {
    name: 'a connection that ends inside a request head',
    bytewise: true,
    steps: [
      ['>', 'GET / HTTP/1.1\r\nHo'],
      ['!', 'closed'],
    ],
    want: [],
    counts: { request_incomplete: 1 },
  },
  {
    name: 'not HTTP at all',
    bytewise: true,
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
    bytewise: true,
    steps: [
      ['>', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
      ['<', '\0\0\0'],
    ],
    want: [],
    counts: { protocol_unknown: 1 },
    ignored: true,
  },
]

playAll('http1 stitch, ends', cases)
