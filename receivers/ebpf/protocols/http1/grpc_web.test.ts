import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Conversation, CUTS, type PlayOptions, play, spanLine } from '../testing/chunk_play.ts'
import { HTTP1_DEFAULTS, http1 } from './protocol.ts'

const open = http1(HTTP1_DEFAULTS)
const lines = (conversation: Conversation, options?: PlayOptions) =>
  play(open, conversation, options).spans.map(spanLine)

const message = (bytes: number) => `\0\0\0\0${String.fromCharCode(bytes)}${'m'.repeat(bytes)}`
const trailers = (text: string) => `\x80\0\0\0${String.fromCharCode(text.length)}${text}`
const OK = trailers('grpc-status: 0\r\n')
const base64 = (content: string) => Buffer.from(content, 'latin1').toString('base64')
const chunked = (...chunks: string[]) =>
  [...chunks, ''].map((content) => `${content.length.toString(16)}\r\n${content}\r\n`).join('')

const asks = (form = '', content = message(3)) =>
  [
    'request',
    `POST /at/shop.v1.Cart/Add?x=1 HTTP/1.1\r\nHost: shop\r\nContent-Type: application/grpc-web${form}\r\nContent-Length: ${content.length}\r\n\r\n${content}`,
  ] as const
const head = (form: string, more: string) =>
  `HTTP/1.1 200 OK\r\nContent-Type: application/grpc-web${form}\r\n${more}\r\n`
const says = (form: string, ...chunks: string[]) =>
  ['response', head(form, 'Transfer-Encoding: chunked\r\n') + chunked(...chunks)] as const
const saysAtOnce = (content: string, more = '') =>
  ['response', head('', `Content-Length: ${content.length}\r\n${more}`) + content] as const

const said = (status: string, counts: string, error = '') =>
  `shop.v1.Cart/Add server rpc.system.name=grpc rpc.method=shop.v1.Cart/Add rpc.status_code=${status}${error === '' ? '' : ` error.type=${error}`}${counts
    .split('/')
    .map((n, i) => (n === '' ? '' : ` weir.rpc.${['request', 'response'][i]}.messages=${n}`))
    .join('')}${error === '' ? '' : ' error'}`

type Case = [name: string, conversation: Conversation, spans: string[]]

const cases: Case[] = [
  ['one message, one answer', [asks(), says('', message(5), OK)], [said('OK', '1/1')]],
  [
    'two calls on a connection',
    [asks(), says('+proto', OK), asks('+proto'), says('+proto', message(1) + message(2) + OK)],
    [said('OK', '1/0'), said('OK', '1/2')],
  ],
  [
    'content of a length that is told',
    [asks(), saysAtOnce(message(100) + trailers('grpc-status: 13\r\n'))],
    [said('INTERNAL', '1/1', 'INTERNAL')],
  ],
  ['a header alone', [asks(), saysAtOnce('', 'Grpc-Status: 5\r\n')], [said('NOT_FOUND', '1/0')]],
  [
    'in base64',
    [
      asks('-text', base64(message(3))),
      says('-text', base64(message(1)), base64(message(2)), base64(OK)),
    ],
    [said('OK', '1/2')],
  ],
  [
    'a proxy that knows no gRPC',
    [asks(), ['response', 'HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n']],
    [said('UNAVAILABLE', '1/', 'UNAVAILABLE')],
  ],
]

describe('gRPC-Web over HTTP/1', () => {
  for (const [name, conversation, spans] of cases) {
    test(`${name}, cut anywhere`, () => {
      assert.deepEqual(lines(conversation), spans)
      for (const cut of CUTS) assert.deepEqual(lines(conversation, { cut }), spans, `${cut}`)
    })
  }

  test('to a client every status but OK is an error', () => {
    const conversation = [asks(), says('', trailers('grpc-status: 5\r\n'))]
    const [line = ''] = lines(conversation, { connection: { role: 'client' } })
    assert.match(line, / client .* error.type=NOT_FOUND .* error$/)
  })

  test('a connection that ends inside an answer', () => {
    const [, whole] = says('', message(5), OK)
    const conversation: Conversation = [asks(), ['response', whole.slice(0, -20)]]
    assert.deepEqual(lines(conversation, { end: 'closed' }), [
      said('UNAVAILABLE', '1/', 'UNAVAILABLE'),
    ])
  })

  test('an end that was not captured is unknown, and said to be', () => {
    const conversation = [asks(), saysAtOnce(message(100) + message(100) + OK)]
    const { spans, counts } = play(open, conversation, { captured: 170 })
    assert.deepEqual(counts, { grpc_web_unseen: 1 })
    assert.match(spans.map(spanLine).join(), /^shop[^,]* weir.partial=grpc_web_unseen$/)
    assert.doesNotMatch(spans.map(spanLine).join(), /status_code|response.messages/)
  })

  test('an end behind bytes that were not captured is found at the front of a call', () => {
    const whole = says('', message(100), message(100), OK)[1]
    const conversation: Conversation = [
      asks(),
      ['response', whole.slice(0, -33)],
      ['response', whole.slice(-33)],
      asks(),
      says('', OK),
    ]
    const [first = '', second] = lines(conversation, { captured: 170 })
    assert.match(first, /rpc.status_code=OK/)
    assert.equal(second, said('OK', '1/0'))
  })

  test('the kernel is told once to leave nothing out', () => {
    const verdicts = (...conversation: Conversation) => play(open, conversation).verdicts
    assert.deepEqual(verdicts(asks(), says('', OK), asks(), says('', OK)), ['chunks'])
    assert.deepEqual(
      verdicts(['request', 'POST /a.B/C HTTP/1.1\r\nContent-Type: application/json\r\n\r\n']),
      [],
    )
  })
})
