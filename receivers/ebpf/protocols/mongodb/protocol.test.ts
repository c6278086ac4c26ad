import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { deflateSync, zstdCompressSync } from 'node:zlib'
import { snappyBlock } from '../../../../pipeline/net/snappy.ts'
import { parentBasedAlwaysOn } from '../../trace_context/sampling.ts'
import { type Case, testCases } from '../testing/cases.ts'
import { type Conversation, type PlayOptions, play, spanLine } from '../testing/chunk_play.ts'
import { beginsRequest } from './parse.ts'
import { mongodb } from './protocol.ts'
import * as m from './testing.ts'

const open = mongodb(parentBasedAlwaysOn)
const ask = (...from: Parameters<typeof m.ask>) => ['request', m.ask(...from)] as const
const say = (...from: Parameters<typeof m.answer>) => ['response', m.answer(...from)] as const
const lines = (conversation: Conversation, options?: PlayOptions) =>
  play(open, conversation, options).spans.map(spanLine)
const op = (name: string, more = '', collection = 'goods') =>
  `${name} ${collection} server db.namespace=shop db.collection.name=${collection} db.operation.name=${name}${more}`
const failed = (code: string) => ` db.response.status_code=${code} error.type=${code} error`

const FIND = { find: 'goods', filter: { name: 'SECRET' }, $db: 'shop' }
const MORE = 2
const EXHAUST = 1 << 16
const many = Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`field${i}`, 'SECRET']))

const cases: Case[] = [
  ['a command', [ask(1, FIND), say(1)], [op('find')]],
  [
    'getMore names its collection elsewhere',
    [ask(1, { getMore: 77n, collection: 'goods', $db: 'shop' }), say(1)],
    [op('getMore')],
  ],
  [
    'documents in a section of their own, in front',
    [
      [
        'request',
        m.message(
          2013,
          1,
          0,
          Buffer.concat([
            Buffer.alloc(4),
            m.sequence('documents', m.document({ a: 'SECRET' })),
            m.body({ insert: 'goods', $db: 'shop' }).subarray(4),
          ]),
        ),
      ],
      say(1),
    ],
    [op('insert')],
  ],
  [
    'an error',
    [ask(1, FIND), say(1, { ok: 0, errmsg: 'SECRET', code: 13, codeName: 'Unauthorized' })],
    [op('find', failed('13'))],
  ],
  [
    'one write of many failed',
    [
      ask(1, { insert: 'goods', $db: 'shop' }),
      say(1, { n: 0, writeErrors: [{ index: 0, code: 11000, errmsg: 'SECRET' }], ok: 1 }),
    ],
    [op('insert', failed('11000'))],
  ],
  [
    'what the server does not know is no name',
    [ask(1, { SECRET: 1, $db: 'shop' }), say(1, { ok: 0, code: 59 })],
    [`mongodb server db.namespace=shop${failed('59')}`],
  ],
  [
    'a command on no collection',
    [ask(1, { dropDatabase: 1, $db: 'shop' }), say(1)],
    ['dropDatabase server db.namespace=shop db.operation.name=dropDatabase'],
  ],
  [
    'keeping house',
    [ask(1, { hello: 1, $db: 'admin' }), say(1), ask(2, { ping: 1, $db: 'admin' }), say(2)],
    [],
  ],
  [
    'without acknowledgement there is no answer',
    [ask(1, { insert: 'goods', $db: 'shop' }, MORE), ask(2, FIND), say(2)],
    [op('insert'), op('find')],
  ],
  [
    'an exhausted cursor: answers to answers are none',
    [
      ask(1, { getMore: 7n, collection: 'goods', $db: 'shop' }, EXHAUST),
      say(1, { ok: 1 }, MORE, 501),
      say(501, { ok: 1 }, MORE, 502),
      say(502, { ok: 1 }, 0, 503),
      ask(2, FIND),
      say(2),
    ],
    [op('getMore'), op('find')],
  ],
  [
    'answers are joined by number',
    [
      ['request', Buffer.concat([m.ask(1, FIND), m.ask(2, { count: 'orders', $db: 'shop' })])],
      say(2),
      say(1),
    ],
    [op('count', '', 'orders'), op('find')],
  ],
  [
    'legacy operations',
    [
      ['request', m.query(1, 'shop.goods', { a: 1 })],
      ['response', m.reply(1, {})],
      ['request', m.query(2, 'shop.$cmd', { count: 'goods' })],
      ['response', m.reply(2, { ok: 1 })],
      ['request', m.message(2002, 3, 0, Buffer.from('\0\0\0\0shop.goods\0SECRET'))],
    ],
    [op('find'), op('count'), op('insert')],
  ],
]

describe('mongodb', () => {
  testCases(cases, lines)

  for (const [name, codec, bytes] of [
    ['noop', 0, m.body(FIND)],
    ['snappy', 1, snappyBlock(m.body(FIND))],
    ['zlib', 2, deflateSync(m.body(FIND))],
    ['zstd', 3, zstdCompressSync(m.body(FIND))],
  ] as const) {
    test(`compressed by ${name}`, () => {
      const body = m.compressed(2013, codec, Buffer.from(bytes))
      assert.deepEqual(lines([['request', m.message(2012, 1, 0, body)], say(1)]), [op('find')])
    })
  }

  test('what is broken is said', () => {
    for (const codec of [1, 2, 3]) {
      const body = m.compressed(2013, codec, m.body(FIND))
      const { spans, counts } = play(open, [['request', m.message(2012, 1, 0, body)], say(1)])
      assert.deepEqual(spans.map(spanLine), ['mongodb server weir.partial=mongodb_unread'])
      assert.equal(counts['mongodb_unread'], 1)
    }
  })

  test('a command longer than what is held', () => {
    const conversation = [ask(1, { ...FIND, filter: many }), say(1, { cursor: many, ok: 1 })]
    const partial =
      'find goods server db.collection.name=goods db.operation.name=find weir.partial=mongodb_cut'
    for (const cut of [100, 5000, Number.POSITIVE_INFINITY])
      assert.deepEqual(lines(conversation, { cut }), [partial])
  })

  test('what was not captured is not missed', () => {
    const big = { ...FIND, zz: 'SECRET'.repeat(5000) }
    assert.deepEqual(lines([ask(1, big), say(1), ask(2, FIND), say(2)], { captured: 1024 }), [
      op('find'),
      op('find'),
    ])
  })

  test('an old connection: an answer to a request that nobody saw is passed over', () => {
    const old = { connection: { adopted: true } } as const
    assert.deepEqual(lines([say(4), ask(5, FIND), say(4), say(5)], old), [op('find')])
  })

  test('who gets no answer says why', () => {
    assert.deepEqual(lines([ask(1, FIND)], { end: 'reset' }), [
      op('find', ' error.type=connection_reset error'),
    ])
  })

  test('a message with less than its operation takes begins nothing', () => {
    for (const opCode of [2004, 2012, 2013]) {
      const short = m.message(opCode, 1, 0, Buffer.alloc(2))
      assert.equal(beginsRequest(Buffer.concat([short, m.ask(2, FIND)])), false)
    }
  })

  test('the wrong direction, garbage in front and huge lengths give no span', () => {
    const good = m.ask(1, FIND)
    const huge = Buffer.concat([Buffer.from([255, 255, 255, 127]), good.subarray(4)])
    for (const bytes of [huge, Buffer.concat([Buffer.from('garbage!'), good])])
      assert.deepEqual(lines([['request', bytes], say(1)]), [])
    assert.deepEqual(
      lines([
        ['response', good],
        ['request', m.answer(1)],
      ]),
      [],
    )
  })
})
