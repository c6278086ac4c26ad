import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Span } from '../../../../pipeline/data/traces.ts'
import { NO_SERVICES } from '../../testing.ts'
import { parentBasedAlwaysOn } from '../../trace_context/sampling.ts'
import { type Conversation, CUTS, type PlayOptions, play, spanLine } from '../testing/chunk_play.ts'
import { Lookups } from './lookups.ts'
import { dns } from './protocol.ts'
import { parseFrame } from './tcp.ts'
import * as d from './testing.ts'

const ask = (fields: d.MessageFields = {}) => ['request', d.framed(d.message(fields))] as const
const say = (fields: d.MessageFields = {}) =>
  ['response', d.framed(d.message({ flags: d.RESPONSE, ...fields }))] as const
const ADDRESS = d.record(1, Buffer.from([10, 1, 2, 3]))

function lines(conversation: Conversation, options?: PlayOptions): string[] {
  const spans: Span[] = []
  const sample = parentBasedAlwaysOn
  const lookups = new Lookups({ spans: true, timeoutNs: 5e9, sample })
  play(dns(lookups), conversation, options)
  const host = {
    emit: (span: Span) => void spans.push(span),
    count: () => undefined,
    verdict: () => undefined,
    unixTime: (ns: number) => [0, ns] as const,
    ...NO_SERVICES,
  }
  lookups.settle(60e9, host, () => 0)
  return spans.map((span) => spanLine(span).replace('dns.question.name=', ''))
}

type Case = [name: string, conversation: Conversation, want: string[], options?: PlayOptions]
const cases: Case[] = [
  ['a query', [ask(), say()], ['DNS A server a.test']],
  [
    'two at once, answered the other way round',
    [ask(), ask({ id: 2, type: 28 }), say({ id: 2, type: 28 }), say()],
    ['DNS AAAA server a.test', 'DNS A server a.test'],
  ],
  [
    'a zone in many messages: the first one answers',
    [ask({ type: 252 }), say({ type: 252 }), say({ type: 252 })],
    ['DNS AXFR server a.test'],
  ],
  [
    'closed before the answer',
    [ask()],
    ['DNS A server a.test error.type=connection_closed error'],
    { end: 'closed' },
  ],
  [
    'reset before the answer',
    [ask()],
    ['DNS A server a.test error.type=connection_reset error'],
    { end: 'reset' },
  ],
  [
    'joined in the middle',
    [say({ id: 9 }), ask(), say()],
    ['DNS A server a.test'],
    { connection: { adopted: true } },
  ],
  [
    'what is no query, and then one',
    [['request', d.framed(d.message({ flags: 0x2800 }))], ask(), say()],
    ['DNS A server a.test'],
  ],
]

describe('DNS over TCP', () => {
  for (const [name, conversation, want, options] of cases) {
    test(name, () => assert.deepEqual(lines(conversation, options), want))
  }

  for (const cut of CUTS) {
    test(`in pieces of ${cut} bytes`, () => {
      const said = [ask(), say({ answers: [ADDRESS] }), ask({ id: 2 }), say({ id: 2 })]
      const [first, second] = lines(said, { cut })
      assert.match(first ?? '', /^DNS A server a\.test dns\.answers=/)
      assert.equal(second, 'DNS A server a.test')
    })
  }

  test('an answer of which only the front is captured, and the next one', () => {
    const long = say({ answers: Array.from({ length: 200 }, () => ADDRESS) })
    const found = lines([ask(), long, ask({ id: 2 }), say({ id: 2 })], { captured: 256 })
    assert.equal(found.length, 2)
  })
})

describe('dns parseFrame', () => {
  test('cut at every byte: nothing, or what is there', () => {
    const whole = d.framed(d.message({ flags: d.RESPONSE, answers: [ADDRESS] }))
    for (let bytes = 0; bytes < whole.length; bytes++) {
      assert.equal(parseFrame('response', whole.subarray(0, bytes)).kind, 'need_more')
    }
    assert.equal(parseFrame('response', whole).kind, 'frame')
  })

  test('the wrong direction', () => {
    assert.equal(parseFrame('response', d.framed(d.message())).kind, 'invalid')
    assert.equal(parseFrame('request', d.framed(d.message({ flags: d.RESPONSE }))).kind, 'invalid')
  })

  test('garbage in front', () => {
    const garbage = Buffer.concat([Buffer.from([0, 3]), d.framed(d.message())])
    assert.equal(parseFrame('request', garbage).kind, 'invalid')
  })

  test('a huge length', () => {
    const huge = Buffer.concat([Buffer.from([0xff, 0xff]), d.message()])
    const result = parseFrame('request', huge)
    assert.ok(result.kind === 'need_more' && result.otherwise?.bytes === 65_537)
  })
})
