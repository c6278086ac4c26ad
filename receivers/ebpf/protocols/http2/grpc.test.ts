import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { timeoutNs } from '../grpc/status.ts'
import { HTTP1_DEFAULTS } from '../http1/protocol.ts'
import { type Conversation, CUTS, type PlayOptions, play, spanLine } from '../testing/chunk_play.ts'
import { http2 } from './protocol.ts'
import {
  all,
  block,
  CLIENT,
  data,
  END,
  type Fields,
  GRPC,
  headers,
  message,
  ok,
  post,
  reset,
  SERVER,
  webTrailers,
} from './testing.ts'

const open = http2(HTTP1_DEFAULTS)
const lines = (conversation: Conversation, options?: PlayOptions) =>
  play(open, conversation, options).spans.map(spanLine)

const ask = (...parts: Buffer[]) => ['request', all(...parts)] as const
const say = (...parts: Buffer[]) => ['response', all(...parts)] as const
const call = (...more: Fields) => post(1, '/shop.v1.Cart/Add', GRPC, ...more)
const begun = headers(1, block(8, GRPC))
const trailers = (status: string) => headers(1, block(['grpc-status', status]), END)
const M = message('hello')

const said = (
  status: string,
  messages: readonly [request: number, response: number],
  error = '',
  method = 'shop.v1.Cart/Add',
) =>
  `${method} server rpc.system.name=grpc rpc.method=${method}${status === '' ? '' : ` rpc.status_code=${status}`}${error === '' ? '' : ` error.type=${error}`} weir.rpc.request.messages=${messages[0]} weir.rpc.response.messages=${messages[1]}${error === '' ? '' : ' error'}`

type Case = [name: string, conversation: Conversation, span: string]

const cases: Case[] = [
  [
    'one message, one answer',
    [ask(CLIENT, call(), data(1, M)), say(SERVER, begun, data(1, M, false), trailers('0'))],
    said('OK', [1, 1]),
  ],
  [
    'messages of the client',
    [
      ask(CLIENT, call(), data(1, all(M, M), false)),
      ask(data(1, M, false), data(1, '')),
      say(SERVER, begun, data(1, M, false), trailers('0')),
    ],
    said('OK', [3, 1]),
  ],
  [
    'messages of the server, one of them in pieces',
    [
      ask(CLIENT, call(), data(1, M)),
      say(SERVER, begun, data(1, M.subarray(0, 3), false), data(1, M.subarray(3), false)),
      say(data(1, all(M, M), false), trailers('0')),
    ],
    said('OK', [1, 3]),
  ],
  [
    'messages both ways',
    [
      ask(CLIENT, call(), data(1, M, false)),
      say(SERVER, begun, data(1, M, false)),
      ask(data(1, M, false)),
      say(data(1, M, false), trailers('0')),
      ask(data(1, '')),
    ],
    said('OK', [2, 2]),
  ],
  [
    'only trailers',
    [ask(CLIENT, call(), data(1, M)), say(headers(1, block(8, GRPC, ['grpc-status', '5']), END))],
    said('NOT_FOUND', [1, 0]),
  ],
  [
    'the fault of the server',
    [ask(CLIENT, call(), data(1, M)), say(begun, trailers('13'))],
    said('INTERNAL', [1, 0], 'INTERNAL'),
  ],
  [
    'a status that nobody knows',
    [ask(CLIENT, call(), data(1, M)), say(begun, trailers('99'))],
    said('UNKNOWN', [1, 0], 'UNKNOWN'),
  ],
  [
    'a client that has lost interest',
    [ask(CLIENT, call(), data(1, M)), ask(reset(1, 8))],
    said('CANCELLED', [1, 0]),
  ],
  [
    'a client whose deadline is over',
    [ask(CLIENT, call(['grpc-timeout', '1m']), data(1, M)), ask(reset(1, 8))],
    said('DEADLINE_EXCEEDED', [1, 0], 'DEADLINE_EXCEEDED'),
  ],
  [
    'a stream that the server refuses',
    [ask(CLIENT, call(), data(1, M)), say(reset(1, 7))],
    said('UNAVAILABLE', [1, 0], 'UNAVAILABLE'),
  ],
  [
    'a proxy that is not gRPC',
    [ask(CLIENT, call(), data(1, M)), say(headers(1, block([':status', '503']), END))],
    said('UNAVAILABLE', [1, 0], 'UNAVAILABLE'),
  ],
]

describe('gRPC', () => {
  for (const [name, conversation, span] of cases) {
    test('a status that stands in a table that nobody saw', () => {
      const conversation = [
        ask(call(), data(1, M)),
        say(begun, data(1, M, false), headers(1, block(62), END)),
      ]
      const [line] = lines(conversation, { connection: { adopted: true } })
      assert.equal(line, `${said('', [1, 1])} weir.partial=http2_fields_unknown`)
    })

    test(name, () => assert.deepEqual(lines(conversation), [span]))
  }

  test('cut anywhere, it is the same, but for messages whose front came later than that of their frame', () => {
    const uncounted = (line = '') => line.replace(/ weir\.rpc\.\S+/g, '')
    for (const [name, conversation, span] of cases.slice(0, 7)) {
      for (const cut of CUTS) {
        const [line, ...more] = lines(conversation, { cut })
        assert.equal(uncounted(line), uncounted(span), `${name}, ${cut}`)
        assert.equal(more.length, 0)
      }
    }
  })

  test('what a server does not have is no name', () => {
    const [line = ''] = lines([
      ask(CLIENT, post(1, '/secret/typed', GRPC), data(1, M)),
      say(headers(1, block(8, GRPC, ['grpc-status', '12']), END)),
    ])
    assert.match(line, /^grpc server .*rpc.method=_OTHER rpc.method_original=secret\/typed /)
  })

  test('to a client every status but OK is an error', () => {
    const conversation = [ask(CLIENT, call(), data(1, M)), say(begun, trailers('5'))]
    const [line = ''] = lines(conversation, { connection: { role: 'client' } })
    assert.match(line, / error.type=NOT_FOUND .* error$/)
  })

  test('a message that is longer than what is captured counts, what lies behind it does not', () => {
    const long = all(Buffer.from([0, 0, 0, 0x13, 0x88]), Buffer.alloc(5000))
    const counts = (content: Buffer) => {
      const conversation = [
        ask(CLIENT, call()),
        ask(data(1, content)),
        say(SERVER, begun),
        say(trailers('0')),
      ]
      return lines(conversation, { captured: 200 })[0]?.includes('request.messages=1')
    }
    assert.deepEqual([counts(long), counts(all(long, M))], [true, false])
  })

  test('what begins like it is HTTP', () => {
    for (const type of ['application/grpcx', 'application/grpc-webs', 'text/plain']) {
      const [line = ''] = lines([
        ask(CLIENT, post(1, '/a/b', ['content-type', type]), data(1, M)),
        say(ok(1)),
      ])
      assert.match(line, /^POST server http/)
    }
  })

  const web = (form: string) => [['content-type', `application/grpc-web${form}`]] as const
  const asked = (form: string, content: Buffer) =>
    ask(CLIENT, post(1, '/at/shop.v1.Cart/Add', ...web(form)), data(1, content))
  const answered = (form: string, ...content: Buffer[]) =>
    say(SERVER, headers(1, block(8, ...web(form))), ...content.map((c) => data(1, c, false)))
  const text = (content: Buffer) => Buffer.from(content.toString('base64'))
  const end = (status: number) => webTrailers(`grpc-status: ${status}\r\ngrpc-message: x\r\n`)

  test('gRPC-Web: its status is at the end of the content', () => {
    const rows: [string, Conversation, string][] = [
      ['apart', [asked('', M), answered('', M, end(0)), say(data(1, ''))], said('OK', [1, 1])],
      [
        'at once',
        [asked('+proto', M), answered('+proto', all(M, M, end(0))), say(data(1, ''))],
        said('OK', [1, 2]),
      ],
      [
        'in pieces',
        [
          asked('', M),
          answered(
            '',
            M.subarray(0, 7),
            M.subarray(7),
            end(13).subarray(0, 9),
            end(13).subarray(9),
          ),
          say(data(1, '')),
        ],
        said('INTERNAL', [1, 1], 'INTERNAL'),
      ],
      [
        'base64',
        [asked('-text', text(M)), answered('-text', text(M), text(end(5))), say(data(1, ''))],
        said('NOT_FOUND', [1, 1]),
      ],
      [
        'a header',
        [asked('', M), say(SERVER, headers(1, block(8, ...web(''), ['grpc-status', '5']), END))],
        said('NOT_FOUND', [1, 0]),
      ],
      [
        'no gRPC',
        [asked('', M), say(SERVER, headers(1, block([':status', '503']), END))],
        said('UNAVAILABLE', [1, 0], 'UNAVAILABLE'),
      ],
    ]
    for (const [name, conversation, span] of rows)
      assert.deepEqual(lines(conversation), [span], name)
  })

  test('timeouts', () => {
    assert.deepEqual(
      ['1S', '20m', '3u', '4n', '5M', '6H', '', '1', '123456789S', 'x'].map(timeoutNs),
      [1e9, 2e7, 3000, 4, 3e11, 2.16e13, ...Array(4).fill(undefined)],
    )
  })
})

test('the kernel is told where messages of gRPC may come, once', () => {
  const verdicts = (...calls: Buffer[]) => play(open, [ask(CLIENT, ...calls)]).verdicts
  const web = (stream: number) => post(stream, '/cart')
  const rpc = (stream: number) => post(stream, '/shop.v1.Cart/Add', GRPC)
  assert.deepEqual(verdicts(web(1), web(3)), ['http2'])
  assert.deepEqual(verdicts(web(1), rpc(3), web(5), rpc(7)), ['http2', 'grpc'])
})
