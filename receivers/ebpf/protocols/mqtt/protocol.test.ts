import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { SpanKind } from '../../../../pipeline/data/traces.ts'
import { parentBasedAlwaysOn } from '../../trace_context/sampling.ts'
import { type Case, testCases } from '../testing/cases.ts'
import { type Conversation, type PlayOptions, play } from '../testing/chunk_play.ts'
import { messageLine } from '../testing/message_line.ts'
import { mqtt } from './protocol.ts'
import * as packets from './testing.ts'

const open = mqtt(parentBasedAlwaysOn)
const TRACE = '0123456789abcdef0123456789abcdef'
const PARENT = '0123456789abcdef'
const TRACED = packets.all(
  packets.user('other', 'x'),
  packets.user('traceparent', `00-${TRACE}-${PARENT}-01`),
)
const BELOW = `in ${TRACE} below ${PARENT}`
const BODY = 'hello'.repeat(50)

const asks = (...parts: Buffer[]) => ['request', packets.all(...parts)] as const
const says = (...parts: Buffer[]) => ['response', packets.all(...parts)] as const
const lines = (conversation: Conversation, options: PlayOptions = {}) =>
  play(open, conversation, { connection: { role: 'client' }, ...options }).spans.map(messageLine)

const CONNECT = asks(packets.connect(4, 'lamp'))
const CONNECT_5 = asks(packets.connect(5, 'lamp'))
const CONNACK = says(packets.packet(0x20, Buffer.from([0, 0])))
const SUBSCRIBE = packets.packet(0x82, packets.u16(1), packets.text('a/#'), Buffer.from([2]))
const PING = packets.packet(0xc0)

const cases: Case[] = [
  [
    'what is published once at most, empty and not, by versions 3.1 and 3.1.1',
    [
      asks(packets.connect(3, 'old')),
      CONNACK,
      asks(packets.publish('a/b', BODY), packets.publish('a/c', '')),
    ],
    ['publish a/b producer send by=old size=250', 'publish a/c producer send by=old size=0'],
  ],
  [
    'at least once, and once: to the answer that ends it',
    [
      CONNECT,
      CONNACK,
      asks(
        packets.publish('one', 'x', { quality: 1, id: 1 }),
        packets.publish('two', 'x', { quality: 2, id: 2 }),
        packets.publish('none', 'x'),
      ),
      says(packets.answer(5, 2)),
      asks(packets.answer(6, 2)),
      says(packets.answer(4, 1), packets.answer(7, 2)),
    ],
    [
      'publish none producer send by=lamp size=1',
      'publish one producer send by=lamp size=1',
      'publish two producer send by=lamp size=1',
    ],
  ],
  [
    'what is delivered, and settled by the client',
    [
      CONNECT,
      CONNACK,
      asks(SUBSCRIBE),
      says(packets.publish('a/b', BODY), packets.publish('a/c', 'x', { quality: 1, id: 1 })),
      asks(packets.answer(4, 1), PING),
      says(packets.publish('a/d', 'x', { quality: 2, id: 1 })),
      asks(packets.answer(5, 1)),
      says(packets.answer(6, 1)),
      asks(packets.answer(7, 1)),
    ],
    [
      'deliver a/b consumer process by=lamp size=250',
      'deliver a/c consumer process by=lamp size=1',
      'deliver a/d consumer process by=lamp size=1',
    ],
  ],
  [
    'version 5: a trace, numbers of topics, refusals',
    [
      CONNECT_5,
      CONNACK,
      asks(packets.publish('a/b', BODY, { properties: TRACED })),
      asks(packets.publish('long/topic', 'x', { properties: packets.alias(1) })),
      asks(packets.publish('', 'yes', { quality: 1, id: 7, properties: packets.alias(1) })),
      says(packets.answer(4, 7, 0x10, 0)),
      asks(packets.publish('no', 'x', { quality: 2, id: 8, properties: Buffer.alloc(0) })),
      says(packets.answer(5, 8, 0x87, 0)),
      says(packets.publish('a/b', '', { properties: TRACED })),
    ],
    [
      `publish a/b producer send by=lamp size=250 ${BELOW}`,
      'publish long/topic producer send by=lamp size=1',
      'publish long/topic producer send by=lamp size=3',
      'publish no producer send by=lamp error.type=135 size=1',
      `deliver a/b consumer process by=lamp size=0 ${BELOW}`,
    ],
  ],
  [
    'sent once more it is the same message',
    [
      CONNECT,
      asks(packets.publish('a', 'x', { quality: 1, id: 1 })),
      asks(packets.publish('a', 'x', { quality: 5, id: 1 })),
      says(packets.answer(4, 1)),
    ],
    ['publish a producer send by=lamp size=1'],
  ],
]

describe('mqtt', () => {
  testCases(cases, lines)

  test('of a broker all are server spans', () => {
    for (const [, conversation] of cases) {
      const { spans } = play(open, conversation)
      assert.ok(spans.every(({ kind }) => kind === SpanKind.server))
    }
  })

  test('a message lasts from its first byte to its answer', () => {
    const published = asks(packets.publish('a', 'x', { quality: 1, id: 1 }))
    const [span] = play(open, [CONNECT, published, says(packets.answer(4, 1))]).spans
    assert.deepEqual(
      [span?.start, span?.end],
      [
        [0, 2e6],
        [0, 3e6],
      ],
    )
  })

  test('who gets no answer says why', () => {
    const waits: Conversation = [
      CONNECT,
      asks(packets.publish('a', 'x', { quality: 1, id: 1 })),
      says(packets.publish('b', 'x', { quality: 2, id: 1 })),
    ]
    for (const [end, failure] of [
      ['closed', 'connection_closed'],
      ['reset', 'connection_reset'],
    ] as const) {
      assert.deepEqual(lines(waits, { end }), [
        `publish a producer send by=lamp error.type=${failure} size=1`,
        `deliver b consumer process by=lamp error.type=${failure} size=1`,
      ])
    }
    assert.equal(play(open, waits, { end: 'evicted' }).counts['evicted_exchange'], 2)
  })

  test('a number that nobody has heard the topic of is said', () => {
    const { spans, counts } = play(open, [
      CONNECT_5,
      asks(packets.publish('', 'x', { properties: packets.alias(3) })),
    ])
    assert.deepEqual(spans.map(messageLine), [
      'publish server send by=lamp size=1 weir.partial=mqtt_alias_unknown',
    ])
    assert.deepEqual(counts, { mqtt_housekeeping: 1, mqtt_alias_unknown: 1 })
  })

  test('bodies are not missed', () => {
    const long = asks(packets.publish('a', 'x'.repeat(50_000)))
    assert.deepEqual(lines([CONNECT, long, long], { captured: 300 }), [
      'publish a producer send by=lamp size=50000',
      'publish a producer send by=lamp size=50000',
    ])
  })

  test('an old connection is read from the next packet that begins a call, without sizes', () => {
    const options = { connection: { role: 'client', adopted: true } } as const
    const conversation = [says(Buffer.from('half')), says(packets.publish('a', 'x')), asks(PING)]
    assert.deepEqual(lines(conversation, options), ['deliver a consumer process'])
    const answered = [
      asks(packets.publish('a', 'x', { quality: 1, id: 3 })),
      says(packets.answer(4, 3)),
    ]
    assert.deepEqual(lines(answered, options), ['publish a producer send'])
  })

  test('something else, or the other direction, gives no span', () => {
    const wrong: Conversation[] = [
      [says(packets.connect(4, 'x'))],
      [asks(packets.packet(0x20, Buffer.from([0, 0])))],
      [asks(packets.packet(0x36, packets.text('a')))],
      [asks(packets.packet(0x31, Buffer.from([0, 9, 0x61])))],
      [asks(packets.publish('a/+', 'x'))],
      [asks(packets.publish('a\0', 'x'))],
      [asks(packets.publish('', 'x'))],
      [asks(packets.publish('a', 'x', { quality: 1, id: 0 }))],
      [asks(Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 1]))],
      [asks(Buffer.alloc(40))],
    ]
    for (const conversation of wrong) {
      const many = Array.from({ length: 10 }, () => conversation).flat()
      assert.deepEqual(lines(many), [], JSON.stringify(conversation).slice(0, 60))
    }
  })
})
