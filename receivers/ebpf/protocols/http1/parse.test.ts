import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { NEED_MORE } from '../../protocol.ts'
import {
  CONTENT_LENGTH_ABSENT,
  CONTENT_LENGTH_INVALID,
  type RequestHead,
  type ResponseHead,
} from './head.ts'
import {
  looksLikeRequest,
  parseRequestHead,
  parseResponseHead,
  startsLikeRequest,
} from './parse.ts'

const latin1 = (text: string) => Buffer.from(text, 'latin1')

function request(text: string, truncated = false): RequestHead {
  const result = parseRequestHead(latin1(text), 0, truncated)
  assert.equal(result.kind, 'frame', JSON.stringify(result))
  assert.ok(result.kind === 'frame')
  return result.frame
}

function response(text: string, truncated = false): ResponseHead {
  const result = parseResponseHead(latin1(text), 0, truncated)
  assert.ok(result.kind === 'frame', JSON.stringify(result))
  return result.frame
}

/** `Name: value` lines, and the fields that are wanted of them. */
const fields: [name: string, lines: string, want: Partial<RequestHead>][] = [
  ['none', '', { contentLength: CONTENT_LENGTH_ABSENT, host: '', complete: true }],
  ['names in any case', 'hOsT: a:1\r\nUSER-AGENT: x', { host: 'a:1', userAgent: 'x' }],
  ['blanks around a value', 'Host: \t a \t', { host: 'a' }],
  ['no blank before a value', 'Host:a', { host: 'a' }],
  ['an empty value', 'Host:', { host: '' }],
  ['the first of two hosts', 'Host: a\r\nHost: b', { host: 'a' }],
  ['a length', 'Content-Length: 42', { contentLength: 42 }],
  ['equal lengths', 'Content-Length: 5\r\nContent-Length: 5', { contentLength: 5 }],
  ['equal lengths in a list', 'Content-Length: 5 , 5', { contentLength: 5 }],
  [
    'lengths that differ',
    'Content-Length: 5\r\nContent-Length: 6',
    { contentLength: CONTENT_LENGTH_INVALID },
  ],
  ['a length with a sign', 'Content-Length: +5', { contentLength: CONTENT_LENGTH_INVALID }],
  ['a negative length', 'Content-Length: -5', { contentLength: CONTENT_LENGTH_INVALID }],
  ['an empty length', 'Content-Length:', { contentLength: CONTENT_LENGTH_INVALID }],
  ['a huge length', `Content-Length: ${'9'.repeat(40)}`, { contentLength: CONTENT_LENGTH_INVALID }],
  ['chunked', 'Transfer-Encoding: Chunked', { chunked: true, transferEncoding: true }],
  ['chunked behind another coding', 'Transfer-Encoding: gzip, chunked', { chunked: true }],
  [
    'chunked, but not last',
    'Transfer-Encoding: chunked, gzip',
    { chunked: false, transferEncoding: true },
  ],
  [
    'connection: close',
    'Connection: Upgrade, Close',
    { connectionClose: true, connectionKeepAlive: false },
  ],
  [
    'connection: keep-alive',
    'Connection: keep-alive',
    { connectionKeepAlive: true, connectionClose: false },
  ],
  ['an option that only begins like close', 'Connection: closed', { connectionClose: false }],
  ['a name that only ends like host', 'X-Host: a', { host: '' }],
  ['a line without a colon', 'nonsense\r\nHost: a', { host: 'a' }],
  ['a name with a blank before the colon', 'Host : a', { host: '' }],
  ['a folded line is not a field', 'X: 1\r\n Host: a', { host: '' }],
  ['bytes beyond ASCII', 'User-Agent: caf\xe9', { userAgent: 'caf\xe9' }],
]

describe('http1 header fields', () => {
  for (const [name, lines, want] of fields) {
    test(name, () => {
      const head = request(`GET / HTTP/1.1\r\n${lines}${lines === '' ? '' : '\r\n'}\r\n`)
      for (const key of Object.keys(want) as (keyof RequestHead)[]) {
        assert.deepEqual(head[key], want[key], key)
      }
    })
  }

  test('trace context: one traceparent, tracestate joined, B3', () => {
    const head = request(
      'GET / HTTP/1.1\r\nTraceParent: p\r\ntracestate: a=1\r\nTRACESTATE: b=2\r\nb3: 0\r\nX-B3-TraceId: t\r\nX-B3-SpanId: s\r\nX-B3-Sampled: 1\r\nX-B3-Flags: 1\r\n\r\n',
    )
    assert.deepEqual(head.trace, {
      traceparent: 'p',
      traceparents: 1,
      tracestate: 'a=1,b=2',
      b3: '0',
      b3TraceId: 't',
      b3SpanId: 's',
      b3Sampled: '1',
      b3Flags: '1',
    })
  })

  test('several traceparents are counted', () => {
    const head = request('GET / HTTP/1.1\r\ntraceparent: p\r\ntraceparent: q\r\n\r\n')
    assert.equal(head.trace?.traceparents, 2)
  })
})

const requestLines: [
  name: string,
  bytes: string,
  want: readonly [method: string, target: string, minor: number],
][] = [
  ['plain', 'GET / HTTP/1.1\r\n\r\n', ['GET', '/', 1]],
  ['HTTP/1.0', 'GET / HTTP/1.0\r\n\r\n', ['GET', '/', 0]],
  ['bare line feeds', 'GET / HTTP/1.1\nHost: a\n\n', ['GET', '/', 1]],
  ['empty lines in front', '\r\n\n\r\nGET / HTTP/1.1\r\n\r\n', ['GET', '/', 1]],
  ['a method of its own', 'PURGE /x HTTP/1.1\r\n\r\n', ['PURGE', '/x', 1]],
  ['lower case is another method', 'get / HTTP/1.1\r\n\r\n', ['get', '/', 1]],
  ['absolute form', 'GET http://a/b?c HTTP/1.1\r\n\r\n', ['GET', 'http://a/b?c', 1]],
  ['asterisk form', 'OPTIONS * HTTP/1.1\r\n\r\n', ['OPTIONS', '*', 1]],
  ['authority form', 'CONNECT a:443 HTTP/1.1\r\n\r\n', ['CONNECT', 'a:443', 1]],
]

const notRequests: [name: string, bytes: string][] = [
  ['a response', 'HTTP/1.1 200 OK\r\n\r\n'],
  ['HTTP/2 with prior knowledge', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['HTTP/0.9', 'GET /\r\n'],
  ['RTSP', 'DESCRIBE rtsp://a RTSP/1.0\r\n\r\n'],
  ['no target', 'GET  HTTP/1.1\r\n\r\n'],
  ['a space in front', ' GET / HTTP/1.1\r\n\r\n'],
  ['a NUL in front', '\0GET / HTTP/1.1\r\n\r\n'],
  ['more after the version', 'GET / HTTP/1.1 x\r\n\r\n'],
  ['a version beyond digits', 'GET / HTTP/1.x\r\n\r\n'],
  ['a method that never ends', 'G'.repeat(4000)],
  ['a TLS record', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc'],
]

describe('http1 parseRequestHead', () => {
  for (const [name, bytes, [method, target, minor]] of requestLines) {
    test(name, () => {
      const head = request(bytes)
      assert.deepEqual([head.method, head.target, head.minor], [method, target, minor])
      const result = parseRequestHead(latin1(`${bytes}body`), 0, false)
      assert.ok(result.kind === 'frame')
      assert.equal(result.bytes, bytes.length)
    })

    test(`${name}, cut at every byte`, () => {
      for (let end = 0; end < bytes.length; end++) {
        const cut = latin1(bytes.slice(0, end))
        assert.deepEqual(parseRequestHead(cut, 0, false), NEED_MORE, `${end}`)
        const result = parseRequestHead(cut, 0, true)
        if (result.kind !== 'frame') continue
        assert.equal(result.frame.method, method)
        assert.ok(target.startsWith(result.frame.target))
        assert.equal(result.frame.complete, false)
        if (result.frame.targetComplete) assert.equal(result.frame.target, target)
      }
    })
  }

  for (const [name, bytes] of notRequests) {
    test(`not a request: ${name}`, () => {
      assert.equal(parseRequestHead(latin1(bytes), 0, false).kind, 'invalid')
      assert.equal(looksLikeRequest(latin1(bytes)), false)
      assert.equal(startsLikeRequest(latin1(bytes)), false)
    })
  }

  test('a field that the capture cuts is not used', () => {
    const head = request('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 12', true)
    assert.equal(head.host, 'a')
    assert.equal(head.contentLength, CONTENT_LENGTH_ABSENT)
    assert.equal(head.complete, false)
  })

  test('begins where it is told to', () => {
    const result = parseRequestHead(latin1('xxxGET /a HTTP/1.1\r\n\r\n'), 3, false)
    assert.ok(result.kind === 'frame')
    assert.equal(result.bytes, 19)
    assert.equal(result.frame.target, '/a')
  })
})

const statusLines: [name: string, bytes: string, status: number][] = [
  ['plain', 'HTTP/1.1 200 OK\r\n\r\n', 200],
  ['no reason phrase', 'HTTP/1.1 404 \r\n\r\n', 404],
  ['no reason phrase and no space', 'HTTP/1.1 404\r\n\r\n', 404],
  ['a reason of many words', 'HTTP/1.0 500 Oh no, not again\r\n\r\n', 500],
  ['beyond the known classes', 'HTTP/1.1 799 X\r\n\r\n', 799],
]

const notResponses: [name: string, bytes: string][] = [
  ['a request', 'GET / HTTP/1.1\r\n\r\n'],
  ['ICY', 'ICY 200 OK\r\n\r\n'],
  ['two digits', 'HTTP/1.1 20\r\n\r\n'],
  ['four digits', 'HTTP/1.1 2000 OK\r\n\r\n'],
  ['below 100', 'HTTP/1.1 099 X\r\n\r\n'],
  ['HTTP/2', 'HTTP/2.0 200 OK\r\n\r\n'],
  ['garbage in front', 'xHTTP/1.1 200 OK\r\n\r\n'],
]

describe('http1 parseResponseHead', () => {
  for (const [name, bytes, status] of statusLines) {
    test(name, () => assert.equal(response(bytes).status, status))
    test(`${name}, cut at every byte`, () => {
      for (let end = 0; end < bytes.length; end++) {
        const cut = latin1(bytes.slice(0, end))
        assert.deepEqual(parseResponseHead(cut, 0, false), NEED_MORE, `${end}`)
        const result = parseResponseHead(cut, 0, true)
        if (result.kind === 'frame') assert.equal(result.frame.status, status)
        else assert.ok(end < 12, `${end}`)
      }
    })
  }

  for (const [name, bytes] of notResponses) {
    test(`not a response: ${name}`, () => {
      assert.equal(parseResponseHead(latin1(bytes), 0, false).kind, 'invalid')
    })
  }

  test('a status that the capture cuts is none', () => {
    assert.deepEqual(parseResponseHead(latin1('HTTP/1.1 20'), 0, true), NEED_MORE)
  })
})

/** Shared with the kernel's classifier: `hex  # request | response | neither: what it is`. */
describe('http1 testdata', () => {
  const file = new URL(
    '../../../../../receivers/ebpf/protocols/http1/testdata/first_bytes.hex',
    import.meta.url,
  )
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const match = /^([0-9a-f ]+) # (request|response|neither): (.*)$/.exec(line)
    if (match === null) continue
    const [, hex = '', kind, name] = match
    test(`${kind}: ${name}`, () => {
      const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex')
      const isRequest = parseRequestHead(bytes, 0, false).kind !== 'invalid'
      const isResponse = parseResponseHead(bytes, 0, false).kind !== 'invalid'
      assert.deepEqual(
        { isRequest, isResponse },
        { isRequest: kind === 'request', isResponse: kind === 'response' },
      )
    })
  }
})
