import { body, type Case, get, ok, playAll, post } from './testing/conversation.ts'

const cases: Case[] = [
  {
    name: 'keep-alive: one after the other',
    bytewise: true,
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
    bytewise: true,
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
    bytewise: true,
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
    name: 'answers to HEAD, 204 and 304 have no body, whatever they say',
    bytewise: true,
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
    bytewise: true,
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
    name: 'request bodies that look like requests',
    bytewise: true,
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
    bytewise: true,
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
    bytewise: true,
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
    name: 'empty lines before a request, and no reason phrase',
    bytewise: true,
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
    bytewise: true,
    steps: [
      ['>', get('http://b/x')],
      ['<', ok(0)],
      ['>', 'OPTIONS * HTTP/1.1\r\n\r\n'],
      ['<', ok(0)],
    ],
    want: ['GET http://b/x 200 ms=1', 'OPTIONS * 200 ms=1'],
  },
]

playAll('http1 stitch', cases)
