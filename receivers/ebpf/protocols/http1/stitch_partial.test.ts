import { body, type Case, get, LONG, ok, playAll, type Step } from './testing/conversation.ts'

const cases: Case[] = [
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

playAll('http1 stitch, seen in part', cases)
