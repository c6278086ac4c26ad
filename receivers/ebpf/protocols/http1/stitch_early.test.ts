import { body, type Case, get, ok, playAll } from './testing/conversation.ts'

const CLOSE = 'Connection: close\r\n'

/** Of a client that writes in one thread and reads in another: its write may be recorded behind the answer that it brought. */
const cases: Case[] = [
  {
    name: 'an answer that is recorded before its request',
    role: 'client',
    steps: [
      ['<', ok(2, CLOSE) + body(2)],
      ['>', get('/1', CLOSE)],
      ['!', 'closed'],
    ],
    want: ['GET /1 200 res=2 ms=0'],
  },
  {
    name: 'one of several calls, and the exchanges behind it',
    role: 'client',
    steps: [
      ['>', get('/1')],
      ['<', ok(0)],
      ['<', ok(2000)],
      ['<', body(1000)],
      ['>', get('/2')],
      ['<', body(1000)],
      ['>', get('/3')],
      ['<', ok(0)],
    ],
    want: ['GET /1 200 ms=1', 'GET /2 200 res=2000 ms=3', 'GET /3 200 ms=1'],
  },
  {
    name: 'an answer that nobody asked for',
    role: 'client',
    steps: [
      ['>', get('/1')],
      ['<', ok(0)],
      ['<', 'HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n'],
      ['!', 'closed'],
    ],
    want: ['GET /1 200 ms=1'],
    counts: { response_unpaired: 1 },
  },
  {
    name: 'a server that answers unasked is not waited for',
    role: 'server',
    steps: [
      ['<', ok(0)],
      ['>', get('/1')],
      ['<', ok(0)],
    ],
    want: ['GET /1 200 ms=1'],
    counts: { response_unpaired: 1 },
  },
  {
    name: 'the request was missed: nothing is paired with another',
    role: 'client',
    steps: [
      ['>', get('/1')],
      ['<', ok(0)],
      ['?>', get('/2').length],
      ['<', ok(2) + body(2)],
      ['>', get('/3')],
      ['<', ok(3) + body(3)],
      ['>', get('/4')],
      ['<', ok(4) + body(4)],
    ],
    want: ['GET /1 200 ms=1', 'GET /3 200 res=3 ms=1', 'GET /4 200 res=4 ms=1'],
  },
]

playAll('http1 stitch, answers first', cases)
