import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Span } from '../../../../pipeline/data/traces.ts'
import { valueText } from '../../../../pipeline/data/value_text.ts'
import { NO_SERVICES } from '../../testing.ts'
import { parentBasedAlwaysOn } from '../../trace_context/sampling.ts'
import { spanLine } from '../testing/chunk_play.ts'
import { Lookups, type Seen, type SeenMessage } from './lookups.ts'
import { parseMessage } from './parse.ts'
import * as d from './testing.ts'

const MS = 1e6
const SECOND = 1e9
const TIMEOUT = 5 * SECOND

type Change = Partial<Omit<SeenMessage, 'ends'>> & { readonly ends?: Partial<SeenMessage['ends']> }

/** A client's, which asks from another port each time. */
const ENDS = {
  role: 'client',
  localAddress: '10.0.0.1',
  peerAddress: '10.0.0.53',
  peerPort: 53,
} as const

let port = 40_000
function seen(ms: number, fields: d.MessageFields, change: Change = {}): SeenMessage {
  const message = parseMessage(d.message(fields))
  assert.ok(message !== undefined)
  const ends = { ...ENDS, localPort: port++, ...change.ends }
  const rest = { transport: 'udp', connection: 0, tgid: 1, ns: ms * MS } as const
  return { kind: 'message', message, ...rest, ...change, ends }
}
const ask = (ms: number, fields: d.MessageFields = {}, change?: Change) => seen(ms, fields, change)
const say = (ms: number, fields: d.MessageFields = {}, change?: Change) =>
  seen(ms, { flags: d.RESPONSE, ...fields }, change)

const NX = { flags: d.RESPONSE | 3 }
const CUT = { flags: d.RESPONSE | d.TRUNCATED }
const BY_TCP: Change = { transport: 'tcp', connection: 7 }
const SERVER: Change = { ends: { role: 'server', peerAddress: '10.0.0.9', peerPort: 4711 } }

interface Played {
  readonly lines: string[]
  readonly spans: readonly Span[]
  readonly counts: Readonly<Record<string, number>>
}

/** What comes of it, after all has been settled at `untilMs`; in the order of arrival given. */
function play(all: readonly Seen[], untilMs = 60_000, options: PlayOptions = {}): Played {
  const spans: Span[] = []
  const counts: Record<string, number> = {}
  const host = {
    emit: (span: Span) => void spans.push(span),
    count: (reason: string) => {
      counts[reason] = (counts[reason] ?? 0) + 1
    },
    verdict: () => undefined,
    unixTime: (ns: number) => [0, ns] as const,
    ...NO_SERVICES,
  }
  const { traced = true, lost = 0 } = options
  const lookups = new Lookups({ spans: traced, timeoutNs: TIMEOUT, sample: parentBasedAlwaysOn })
  for (const one of all) lookups.hold(one, host)
  lookups.settle(untilMs * MS, host, () => lost)
  lookups.close(host)
  const took = ({ start, end }: Span) => ` ${(end[1] - start[1]) / MS} ms`
  const lines = spans.map((span) => spanLine(span).replace('dns.question.name=', '') + took(span))
  return { lines, spans, counts }
}

interface PlayOptions {
  readonly traced?: boolean
  /** Records that were lost. */
  readonly lost?: number
}

type Case = [name: string, all: Seen[], lines: string[], counts?: Record<string, number>]
const cases: Case[] = [
  [
    'two questions at once, answered the other way round',
    [ask(0), ask(0, { id: 2, type: 28 }), say(3, { id: 2, type: 28 }), say(5)],
    ['DNS AAAA client a.test 3 ms', 'DNS A client a.test 5 ms'],
  ],
  ['records of different rings in no order', [say(5), ask(0)], ['DNS A client a.test 5 ms']],
  ['no such name', [ask(0), say(2, NX)], ['DNS A client a.test error.type=NXDOMAIN error 2 ms']],
  [
    'a type without a name',
    [ask(0, { type: 999 }), say(1, { type: 999 })],
    ['DNS client a.test 1 ms'],
  ],
  [
    'asked again by the same id, from another socket and to another server',
    [ask(0), ask(5000, {}, { ends: { peerAddress: '10.0.0.54' } }), say(5010)],
    ['DNS A client a.test weir.dns.queries=2 5010 ms'],
  ],
  [
    'asked again by another id: another lookup',
    [ask(0), ask(5000, { id: 2 }), say(5010, { id: 2 })],
    ['DNS A client a.test 10 ms', 'DNS A client a.test error.type=timeout error 5000 ms'],
  ],
  [
    'no answer, twice',
    [ask(0), ask(5000)],
    ['DNS A client a.test error.type=timeout weir.dns.queries=2 error 10000 ms'],
  ],
  [
    'two servers asked at once: the second answer comes too late',
    [ask(0), ask(0), say(2), say(3)],
    ['DNS A client a.test weir.dns.queries=2 2 ms'],
    { dns_unasked: 1 },
  ],
  [
    'cut, and asked again over TCP',
    [ask(0), say(2, CUT), ask(3, {}, BY_TCP), say(9, {}, BY_TCP)],
    ['DNS A client a.test weir.dns.queries=2 9 ms'],
  ],
  ['cut, and taken as it is', [ask(0), say(2, CUT)], ['DNS A client a.test 2 ms']],
  [
    'cut, asked again over TCP, and no answer',
    [ask(0), say(2, CUT), ask(3, {}, BY_TCP)],
    ['DNS A client a.test error.type=timeout weir.dns.queries=2 error 5003 ms'],
  ],
  [
    'the connection is closed first',
    [ask(0, {}, BY_TCP), { kind: 'end', connection: 7, error: 'connection_closed', ns: 4 * MS }],
    ['DNS A client a.test error.type=connection_closed error 4 ms'],
  ],
  [
    'another process has asked',
    [ask(0), say(2, {}, { tgid: 2 })],
    ['DNS A client a.test error.type=timeout error 5000 ms'],
    { dns_unasked: 1 },
  ],
  [
    'another name is answered',
    [ask(0), say(2, { name: 'b.test' }), say(3)],
    ['DNS A client a.test 3 ms'],
    { dns_unasked: 1 },
  ],
  [
    'a server: no such name is no failure of it',
    [ask(0, {}, SERVER), say(1, NX, SERVER)],
    ['DNS A server a.test error.type=NXDOMAIN 1 ms'],
  ],
  [
    'a server that fails',
    [ask(0, {}, SERVER), say(1, { flags: d.RESPONSE | 2 }, SERVER)],
    ['DNS A server a.test error.type=SERVFAIL error 1 ms'],
  ],
  [
    'a server: two clients by the same id',
    [
      ask(0, {}, SERVER),
      ask(1, {}, { ends: { ...SERVER.ends, peerPort: 4712 } }),
      say(2, {}, { ends: { ...SERVER.ends, peerPort: 4712 } }),
      say(9, {}, SERVER),
    ],
    ['DNS A server a.test 1 ms', 'DNS A server a.test 9 ms'],
  ],
  [
    'a server that cuts its answer has answered',
    [ask(0, {}, SERVER), say(2, CUT, SERVER)],
    ['DNS A server a.test 2 ms'],
  ],
]

describe('dns lookups', () => {
  for (const [name, all, lines, counts = {}] of cases) {
    test(name, () => {
      const played = play(all)
      assert.deepEqual(played.lines, lines)
      assert.deepEqual(played.counts, counts)
    })
  }

  test('addresses that were found, and whom was asked', () => {
    const answers = [d.record(1, Buffer.from([10, 1, 2, 3]))]
    const [span] = play([ask(0), say(1, { answers })]).spans
    const facts = span?.attributes.map(({ key, value }) => [key, valueText(value)])
    assert.deepEqual(Object.fromEntries(facts ?? []), {
      'dns.question.name': 'a.test',
      'dns.answers': '["10.1.2.3"]',
      'network.transport': 'udp',
      'server.address': '10.0.0.53',
      'server.port': '53',
      'network.peer.address': '10.0.0.53',
      'network.peer.port': '53',
    })
  })

  test('not given up a moment before the resolver asks again', () => {
    const { lines, counts } = play([ask(0)], 5900)
    assert.deepEqual([lines, counts], [[], { dns_cut_off: 1 }])
  })

  test('spans are off: counted, and nothing else', () => {
    const { lines, counts } = play([ask(0), say(1)], 60_000, { traced: false })
    assert.deepEqual([lines, counts], [[], { dns_not_traced: 1 }])
  })

  test('records were lost: whether there was an answer is not known', () => {
    const { lines, counts } = play([ask(0), ask(1, { id: 2 }), say(2, { id: 2 })], 60_000, {
      lost: 1,
    })
    assert.deepEqual([lines.length, counts], [1, { dns_record_lost: 1 }])
  })

  test('no more than 8192 wait', () => {
    const many = Array.from({ length: 10_000 }, (_, i) => ask(0, { id: i }))
    const { lines, counts } = play(many, 1)
    assert.deepEqual([lines, counts], [[], { dns_too_many: 1808, dns_cut_off: 8192 }])
  })
})
