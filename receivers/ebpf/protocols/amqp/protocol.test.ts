import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { SpanKind } from '../../../../pipeline/data/traces.ts'
import { parentBasedAlwaysOn } from '../../trace_context/sampling.ts'
import { type Case, testCases } from '../testing/cases.ts'
import { type Conversation, type PlayOptions, play } from '../testing/chunk_play.ts'
import { messageLine } from '../testing/message_line.ts'
import { amqp } from './protocol.ts'
import * as frames from './testing.ts'

const open = amqp(parentBasedAlwaysOn)
const TRACE = '0123456789abcdef0123456789abcdef'
const PARENT = '0123456789abcdef'
const HEADERS = { other: 'x', traceparent: `00-${TRACE}-${PARENT}-01`, tracestate: 'a=b' }

const asks = (...parts: Buffer[]) => ['request', frames.all(...parts)] as const
const says = (...parts: Buffer[]) => ['response', frames.all(...parts)] as const
const lines = (conversation: Conversation, options: PlayOptions = {}) =>
  play(open, conversation, { connection: { role: 'client' }, ...options }).spans.map(messageLine)

const BODY = 'hello'.repeat(50)
const FAILED = (code: string) => ` error.type=${code}`

const cases: Case[] = [
  [
    'what is published, with a trace and without, empty and not',
    [
      asks(frames.OPENING),
      asks(frames.publish('', 'orders'), frames.content(BODY)),
      asks(frames.publish('shop', 'a.b'), frames.content('', HEADERS)),
    ],
    [
      'publish orders producer send key=orders size=250',
      `publish shop:a.b producer send key=a.b size=0 in ${TRACE} below ${PARENT}`,
    ],
  ],
  [
    'a confirmed message ends with its confirmation, also of many at once',
    [
      asks(frames.select()),
      says(frames.method(85, 11)),
      asks(
        ...['a', 'b', 'c', 'd'].flatMap((key) => [frames.publish('', key), frames.content('x')]),
      ),
      says(frames.ack(2), frames.ack(3, true)),
      says(frames.nack(4)),
    ],
    [
      ...['b', 'a', 'c'].map((key) => `publish ${key} producer send key=${key} size=1`),
      `publish d producer send${FAILED('nack')} key=d size=1`,
    ],
  ],
  [
    'a message that has nowhere to go',
    [
      asks(frames.select()),
      says(frames.method(85, 11)),
      asks(frames.publish('', 'none'), frames.content('x')),
      says(frames.returned(312, '', 'none'), frames.content('x'), frames.ack(1)),
    ],
    [`publish none producer send${FAILED('312')} key=none size=1`],
  ],
  [
    'messages that are delivered and settled',
    [
      asks(frames.consume('orders', '')),
      says(frames.consumeOk('c1')),
      says(frames.deliver('c1', 1, 'shop', 'a.b'), frames.content(BODY, HEADERS)),
      says(frames.deliver('c1', 2, '', 'orders'), frames.content('x')),
      asks(frames.ack(1), frames.nack(2)),
    ],
    [
      `deliver shop:a.b:orders consumer process key=a.b tag=1 size=250 in ${TRACE} below ${PARENT}`,
      'deliver orders consumer process key=orders tag=2 size=1',
      'ack shop:a.b:orders client settle key=a.b tag=1',
      'nack orders client settle key=orders tag=2',
    ],
  ],
  [
    'a queue without a name is the one declared last',
    [
      says(frames.declareOk('amq.gen-1')),
      asks(frames.consume('', 'me')),
      says(frames.consumeOk('me'), frames.deliver('me', 1, 'news', ''), frames.content('x')),
      asks(frames.reject(1)),
    ],
    [
      'deliver news:amq.gen-1 consumer process tag=1 size=1',
      'reject news:amq.gen-1 client settle tag=1',
    ],
  ],
  [
    'what is gotten, and what is not',
    [
      asks(frames.get('orders')),
      says(frames.getOk(7, '', 'orders'), frames.content('x')),
      asks(frames.get('orders')),
      says(frames.getEmpty()),
    ],
    ['get orders client receive key=orders tag=7 size=1'],
  ],
  [
    'a channel that is closed for an error has it from whom it waited for',
    [
      asks(frames.select()),
      says(frames.method(85, 11)),
      asks(frames.publish('none', 'k'), frames.content('x')),
      says(frames.closed(404)),
    ],
    [`publish none:k producer send${FAILED('404')} key=k size=1`],
  ],
]

describe('amqp', () => {
  testCases(cases, lines)

  test('of a broker all are server spans', () => {
    for (const [, conversation] of cases) {
      const { spans } = play(open, conversation)
      assert.ok(spans.every(({ kind }) => kind === SpanKind.server))
    }
  })

  test('what is gotten begins when it is asked for, what is published with its first byte', () => {
    const [gotten, published] = play(open, [
      asks(frames.get('orders')),
      says(frames.getOk(7, '', 'orders'), frames.content('x')),
      asks(frames.publish('', 'k'), frames.content('x')),
    ]).spans
    assert.deepEqual(
      [gotten?.start, gotten?.end],
      [
        [0, 1e6],
        [0, 2e6],
      ],
    )
    assert.deepEqual(published?.start, published?.end)
  })

  test('who gets no answer says why', () => {
    const waits: Conversation = [
      asks(frames.select(), frames.publish('', 'k'), frames.content('x'), frames.get('orders')),
    ]
    for (const [end, failure] of [
      ['closed', 'connection_closed'],
      ['reset', 'connection_reset'],
    ] as const) {
      assert.deepEqual(lines(waits, { end }), [
        `publish k producer send${FAILED(failure)} key=k size=1`,
        `get orders client receive${FAILED(failure)}`,
      ])
    }
    assert.equal(play(open, waits, { end: 'evicted' }).counts['evicted_exchange'], 2)
  })

  test('a body is not missed, and a message whose front is missing is none', () => {
    const long = frames.content('x'.repeat(50_000), HEADERS, 20_000)
    const sent = asks(frames.publish('', 'k'), long)
    assert.equal(lines([sent, sent], { captured: 300 }).length, 2)
    const whole = [
      asks(frames.publish('', 'k')),
      asks(frames.content('x'.repeat(50_000), HEADERS, 60_000)),
    ]
    assert.deepEqual(lines(whole, { captured: 300 }).length, 1)
    assert.deepEqual(lines([asks(frames.content('x')), ...whole]).length, 1)
  })

  test('an old connection is read from the next frame that begins a run', () => {
    const conversation: Conversation = [
      says(frames.content('half of a message')),
      asks(frames.HEARTBEAT),
      says(frames.deliver('c1', 9, '', 'orders'), frames.content('x')),
      asks(frames.ack(9)),
    ]
    assert.deepEqual(lines(conversation, { connection: { role: 'client', adopted: true } }), [
      'deliver orders consumer process key=orders tag=9 size=1',
      'ack orders client settle key=orders tag=9',
    ])
  })

  test('what is sent after the connection was closed is taken by nobody', () => {
    const closed = frames.frame(1, 0, Buffer.from([0, 10, 0, 50, 0, 200, 0, 0, 0, 0, 0]))
    assert.deepEqual(lines([asks(closed, frames.ack(1)), says(frames.ack(2))]), [])
  })

  test('something else, or the other direction, gives no span', () => {
    const wrong: Conversation[] = [
      [['request', Buffer.from('AMQP\0\x01\0\0', 'latin1')]],
      [['request', Buffer.from([1, 0, 1, 0xff, 0xff, 0xff, 0xff, 0, 60, 0, 40])]],
      [['request', Buffer.from([9, 0, 1, 0, 0, 0, 0, 0xce])]],
      [['request', Buffer.from([1, 0, 1, 0, 0, 0, 4, 0, 60, 0, 40, 0xcd])]],
      [asks(frames.deliver('c1', 1, '', 'k'), frames.content('x'))],
      [says(frames.publish('', 'k'), frames.content('x'))],
      [asks(frames.publish('', 'k'), frames.frame(2, 1, frames.u32(60)))],
      [asks(frames.publish('', 'k'), frames.frame(2, 1, Buffer.alloc(20, 0xff)))],
      [asks(frames.method(60, 80, Buffer.alloc(9, 0xff)))],
    ]
    for (const conversation of wrong) {
      const many = Array.from({ length: 10 }, () => conversation).flat()
      assert.deepEqual(lines(many), [])
    }
  })
})
