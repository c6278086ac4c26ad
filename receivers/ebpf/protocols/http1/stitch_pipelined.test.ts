import { body, type Case, CHUNKED, get, ok, playAll, post } from './testing/conversation.ts'

const cases: Case[] = [
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
]

playAll('http1 stitch, pipelined and chunked', cases)
