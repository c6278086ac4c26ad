import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Attribute, int, string } from '../../pipeline/data/attributes.ts'
import type { Span } from '../../pipeline/data/traces.ts'
import { span } from '../../test/support/telemetry.ts'
import { coloured, plain, spanLine } from './line.ts'

/** The line after the clock, whose text depends on the machine's time zone. */
const shown = (more: Partial<Span>, service = 'shop') =>
  spanLine(span(more), service, plain).slice('00:00:00.000'.length)

const http: Attribute[] = [
  string('http.request.method', 'GET'),
  string('url.path', '/items'),
  int('http.response.status_code', 200),
  string('network.protocol.version', '1.1'),
]

describe('spanLine', () => {
  const rows: [name: string, span: Partial<Span>, line: string][] = [
    [
      'a served request with its client',
      { attributes: [...http, string('client.address', '10.0.0.7'), int('client.port', 51234)] },
      '     1.24ms  shop            server    HTTP/1.1    GET /items                        200  10.0.0.7:51234\n',
    ],
    [
      'a sent request with its server, path and query from the URL',
      {
        kind: 3,
        attributes: [
          string('http.request.method', 'POST'),
          string('url.full', 'http://api:80/pay?id=1'),
          int('http.response.status_code', 503),
          string('server.address', '2001:db8::1'),
          int('server.port', 80),
        ],
        status: { code: 2, message: '' },
      },
      '     1.24ms  shop            client    HTTP        POST /pay?id=1                    503  [2001:db8::1]:80\n',
    ],
    [
      'the socket peer where no address was named',
      { attributes: [...http, string('network.peer.address', '10.0.0.9')] },
      '     1.24ms  shop            server    HTTP/1.1    GET /items                        200  10.0.0.9\n',
    ],
    [
      'a call of gRPC',
      {
        name: 'shop.Cart/Add',
        attributes: [string('rpc.system.name', 'grpc'), string('rpc.status_code', 'OK')],
      },
      '     1.24ms  shop            server    grpc        shop.Cart/Add                     OK\n',
    ],
    [
      'a statement, by the attributes of older conventions',
      {
        kind: 3,
        name: 'SELECT items',
        attributes: [string('db.system', 'postgresql'), string('network.peer.address', '::1')],
      },
      '     1.24ms  shop            client    postgresql  SELECT items                      -    [::1]\n',
    ],
    [
      'a span that is no request, and failed',
      {
        kind: 1,
        name: 'tick',
        attributes: [string('error.type', 'timeout')],
        status: { code: 2, message: '' },
      },
      '     1.24ms  shop            internal  -           tick                              timeout\n',
    ],
    [
      'a request that was seen in part',
      { attributes: [...http, string('weir.partial', 'response_head_lost')] },
      '     1.24ms  shop            server    HTTP/1.1    GET /items                        200    partial: response_head_lost\n',
    ],
    [
      'control characters of strangers',
      {
        attributes: [string('http.request.method', 'GET'), string('url.path', '/\x1b[2J\u202e\n')],
      },
      '     1.24ms  shop            server    HTTP        GET /\\x1b[2J\\u{202e}\\x0a          -\n',
    ],
  ]
  for (const [name, one, line] of rows) test(name, () => assert.equal(shown(one), line))

  const durations: [end: Span['end'], text: string][] = [
    [[1_700_000_000, 5], '0us'],
    [[1_700_000_000, 999_005], '999us'],
    [[1_700_000_000, 5_000_005], '5.00ms'],
    [[1_700_000_061, 500_000_005], '61.50s'],
  ]
  for (const [end, text] of durations) {
    test(`a duration of ${text}`, () => assert.equal(shown({ end }).trim().split(/\s+/)[0], text))
  }

  test('a very long path is cut', () => {
    const path = `/${'a'.repeat(5000)}`
    const line = shown({
      attributes: [string('http.request.method', 'GET'), string('url.path', path)],
    })
    assert(line.length < 300)
    assert.match(line, /aaa…/)
  })

  test('colours follow the status', () => {
    const painted = (code: number) =>
      spanLine(
        span({ attributes: [...http.slice(0, 2), int('http.response.status_code', code)] }),
        'shop',
        coloured,
      )
    assert(painted(200).includes('\x1b[32m200\x1b[0m'))
    assert(painted(404).includes('\x1b[33m404\x1b[0m'))
    assert(painted(500).includes('\x1b[31m500\x1b[0m'))
    const call = span({ attributes: [string('rpc.status_code', 'OK')] })
    assert(spanLine(call, 'shop', coloured).includes('\x1b[32mOK \x1b[0m'))
  })
})
