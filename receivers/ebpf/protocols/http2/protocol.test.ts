import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { string } from '../../../../pipeline/data/attributes.ts'
import { HTTP1_DEFAULTS } from '../http1/protocol.ts'
import { type Case, testCases } from '../testing/cases.ts'
import { type Conversation, type PlayOptions, play, spanLine } from '../testing/chunk_play.ts'
import { http2 } from './protocol.ts'
import {
  all,
  block,
  CLIENT,
  data,
  END,
  frame,
  get,
  goaway,
  headers,
  indexed,
  ok,
  post,
  reset,
  SERVER,
} from './testing.ts'

const open = http2(HTTP1_DEFAULTS)
const ask = (...parts: Buffer[]) => ['request', all(...parts)] as const
const say = (...parts: Buffer[]) => ['response', all(...parts)] as const
const BEGIN = [ask(CLIENT), say(SERVER)] as const

const played = (conversation: Conversation, options?: PlayOptions) =>
  play(open, conversation, options)
const lines = (conversation: Conversation, options?: PlayOptions) =>
  played(conversation, options).spans.map(spanLine)

/** A server span of `http://shop/path`. */
const got = (path: string, more = ' http.response.status_code=200 http.response.body.size=0') =>
  `GET server http.request.method=GET url.scheme=http url.path=${path}${more}`
const posted = (path: string, more: string) =>
  `POST server http.request.method=POST url.scheme=http url.path=${path}${more}`

const cases: Case[] = [
  ['a request', [...BEGIN, ask(get(1, '/a')), say(ok(1))], [got('/a')]],
  ['in one call with the preface', [ask(CLIENT, get(1, '/a')), say(SERVER, ok(1))], [got('/a')]],
  ['the server speaks first', [say(SERVER), ask(CLIENT, get(1, '/a')), say(ok(1))], [got('/a')]],
  [
    'content both ways, and trailers',
    [
      ...BEGIN,
      ask(post(1, '/p', ['content-length', '5']), data(1, 'hel', false), data(1, 'lo')),
      say(ok(1, 4), data(1, 'four', false), headers(1, block(['x-sum', '9']), END)),
    ],
    [
      posted(
        '/p',
        ' http.response.status_code=200 http.request.body.size=5 http.response.body.size=4',
      ),
    ],
  ],
  [
    'content of no length is counted',
    [...BEGIN, ask(post(1, '/p'), data(1, 'hello')), say(ok(1))],
    [
      posted(
        '/p',
        ' http.response.status_code=200 http.request.body.size=5 http.response.body.size=0',
      ),
    ],
  ],
  [
    'padding is no content',
    [
      ...BEGIN,
      ask(get(1, '/a')),
      say(ok(1, 4), frame(0, 9, 1, Buffer.from([2, 65, 66, 67, 0, 0]))),
    ],
    [got('/a', ' http.response.status_code=200 http.response.body.size=3')],
  ],
  [
    'multiplexed: who is answered first leaves first',
    [
      ...BEGIN,
      ask(get(1, '/1'), get(3, '/3'), get(5, '/5')),
      say(ok(5), ok(1, 4)),
      ask(get(7, '/7')),
      say(ok(3), ok(7), data(1, 'x')),
    ],
    [
      got('/5'),
      got('/3'),
      got('/7'),
      got('/1', ' http.response.status_code=200 http.response.body.size=1'),
    ],
  ],
  [
    'an answer for now is none',
    [...BEGIN, ask(get(1, '/a')), say(headers(1, block([':status', '103'])), ok(1))],
    [got('/a')],
  ],
  [
    'a header block in pieces',
    [
      ...BEGIN,
      ask(
        frame(1, 1, 1, block(2, 6)),
        frame(9, 0, 1, Buffer.alloc(0)),
        frame(9, 4, 1, block([':path', '/pieces'])),
      ),
      say(ok(1)),
    ],
    [got('/pieces')],
  ],
  [
    'fields of the table',
    [
      ...BEGIN,
      ask(headers(1, all(block(2, 6), indexed([':path', '/t'])), END)),
      ask(headers(3, block(2, 6, 62), END)),
      say(ok(1), ok(3)),
    ],
    [got('/t'), got('/t')],
  ],
  [
    'what a server promises is skipped, and its fields are not',
    [
      ...BEGIN,
      ask(get(1, '/a')),
      say(
        frame(5, 4, 1, all(Buffer.from([0, 0, 0, 2]), indexed([':status', '418']))),
        ok(2),
        headers(1, block(62), END),
      ),
    ],
    [got('/a', ' http.response.status_code=418 http.response.body.size=0')],
  ],
  [
    'a server that fails',
    [...BEGIN, ask(get(1, '/a')), say(headers(1, block(14), END))],
    [got('/a', ' http.response.status_code=500 error.type=500 http.response.body.size=0 error')],
  ],
  [
    'a client that has lost interest',
    [
      ...BEGIN,
      ask(get(1, '/a')),
      say(ok(1, 4), data(1, 'abc', false)),
      ask(reset(1, 8)),
      say(data(1, 'def')),
    ],
    [got('/a', ' http.response.status_code=200 error.type=CANCEL error')],
  ],
  [
    'a stream that the server refuses',
    [...BEGIN, ask(get(1, '/a')), say(reset(1, 7))],
    [got('/a', ' error.type=REFUSED_STREAM error')],
  ],
  [
    'the server goes away: what it has not taken ends, the rest is answered',
    [...BEGIN, ask(get(1, '/1'), get(3, '/3')), say(goaway(1, 0)), say(ok(1))],
    [got('/3', ' error.type=REFUSED_STREAM error'), got('/1')],
  ],
  [
    'what an extension says is skipped',
    [...BEGIN, say(frame(0xc, 0, 0, Buffer.alloc(30))), ask(get(1, '/a')), say(ok(1))],
    [got('/a')],
  ],
  [
    'an export of telemetry has no span',
    [
      ...BEGIN,
      ask(
        post(1, '/opentelemetry.proto.collector.trace.v1.TraceService/Export', [
          'content-type',
          'application/grpc',
        ]),
        data(1, 'x'),
      ),
      say(ok(1, 4), headers(1, block(['grpc-status', '0']), END)),
    ],
    [],
  ],
]

describe('HTTP/2', () => {
  testCases(cases, lines)

  test('times are those of the first byte and of the last', () => {
    const conversation = [ask(CLIENT), ask(get(1, '/')), say(ok(1, 4)), say(data(1, 'end'))]
    const [span] = played(conversation).spans
    assert.deepEqual(
      [span?.start, span?.end],
      [
        [0, 2e6],
        [0, 4e6],
      ],
    )
  })

  test('of a client, with its trace', () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const conversation = [
      ask(CLIENT, get(1, '/a?token=x', ['traceparent', traceparent])),
      say(ok(1)),
    ]
    const [span] = played(conversation, { connection: { role: 'client', tls: true } }).spans
    assert.equal(span?.traceId, '0af7651916cd43dd8448eb211c80319c')
    assert.equal(span?.parentSpanId, 'b7ad6b7169203331')
    assert.match(
      spanLine(span as never),
      /^GET client http.request.method=GET url.full=http:\/\/shop\/a\?token=REDACTED /,
    )
    const version = span?.attributes.find(({ key }) => key === 'network.protocol.version')
    assert.deepEqual(version, string('network.protocol.version', '2'))
  })

  test('the connection ends', () => {
    for (const [end, failure] of [
      ['closed', 'connection_closed'],
      ['reset', 'connection_reset'],
    ] as const) {
      const conversation = [...BEGIN, ask(get(1, '/a'))]
      assert.deepEqual(lines(conversation, { end }), [got('/a', ` error.type=${failure} error`)])
    }
    const { counts } = played([...BEGIN, ask(get(1, '/a'))], { end: 'evicted' })
    assert.deepEqual(counts, { evicted_exchange: 1 })
  })

  test('of content only its front has to be captured', () => {
    const long = 'x'.repeat(5000)
    const conversation = [
      ask(CLIENT, post(1, '/p')),
      ask(data(1, long)),
      say(ok(1, 4)),
      say(data(1, long)),
    ]
    assert.deepEqual(lines(conversation, { captured: 100 }), [
      posted(
        '/p',
        ' http.response.status_code=200 http.request.body.size=5000 http.response.body.size=5000',
      ),
    ])
  })
})

describe('a client whose write is recorded behind the answer that it brought', () => {
  const of = { connection: { role: 'client' } } as const
  const asked = (path: string, more = '') =>
    `GET client http.request.method=GET url.full=http://shop${path} http.response.status_code=200${more}`

  test('the request finds its answer, and nothing is taken for the answer of another', () => {
    const { spans, counts } = played(
      [
        ...BEGIN,
        say(ok(1, 4), data(1, 'hi')),
        ask(get(1, '/a')),
        ask(get(3, '/b')),
        say(ok(5, 4), data(5, 'h', false)),
        say(ok(3)),
        ask(get(5, '/c')),
        say(data(5, 'i')),
      ],
      of,
    )
    const size = (bytes: number) => ` http.response.body.size=${bytes}`
    const want = [asked('/a', size(2)), asked('/b', size(0)), asked('/c', size(2))]
    assert.deepEqual([spans.map(spanLine), counts], [want, {}])
    const durations = spans.map(({ start, end }) => (end[1] - start[1]) / 1e6)
    assert.deepEqual(durations, [0, 2, 3])
  })

  test('a request that was missed leaves its answer alone', () => {
    const { spans, counts } = played([...BEGIN, say(ok(1)), ask(get(3, '/b')), say(ok(3))], of)
    assert.deepEqual(spans.map(spanLine), [asked('/b', ' http.response.body.size=0')])
    assert.deepEqual(counts, { http2_unpaired: 1 })
  })

  test('a server has read before it writes', () => {
    const { spans, counts } = played([...BEGIN, say(ok(1))])
    assert.deepEqual([spans.length, counts], [0, { http2_unpaired: 1 }])
  })
})
