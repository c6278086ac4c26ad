import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { SpanKind } from '../../../../pipeline/data/traces.ts'
import { parentBasedAlwaysOn } from '../../trace_context/sampling.ts'
import { type Case, testCases } from '../testing/cases.ts'
import { type Conversation, type PlayOptions, play } from '../testing/chunk_play.ts'
import { messageLine } from '../testing/message_line.ts'
import { nats } from './protocol.ts'

const open = nats(parentBasedAlwaysOn)
const TRACE = '0123456789abcdef0123456789abcdef'
const PARENT = '0123456789abcdef'
const HEADERS = `NATS/1.0\r\nOther: x\r\nTraceparent: 00-${TRACE}-${PARENT}-01\r\n\r\n`
const BELOW = `in ${TRACE} below ${PARENT}`

const asks = (...lines: string[]) => ['request', lines.join('')] as const
const says = (...lines: string[]) => ['response', lines.join('')] as const
const lines = (conversation: Conversation, options: PlayOptions = {}) =>
  play(open, conversation, { connection: { role: 'client' }, ...options }).spans.map(messageLine)

const INFO = says('INFO {"server_id":"N1","headers":true,"max_payload":1048576} \r\n')
const pub = (subject: string, body: string) => `PUB ${subject} ${body.length}\r\n${body}\r\n`
const msg = (names: string, body: string) => `MSG ${names} ${body.length}\r\n${body}\r\n`
const withHeaders = (verb: string, headers: string, body: string) =>
  `${verb} ${headers.length} ${headers.length + body.length}\r\n${headers}${body}\r\n`
const BODY = 'hello'.repeat(50)

const cases: Case[] = [
  [
    'what is published, with a trace and without, empty and not',
    [
      INFO,
      asks('CONNECT {"verbose":false,"name":"shop"}\r\nPING\r\n'),
      says('PONG\r\n'),
      asks(pub('orders.new', BODY), withHeaders('HPUB orders.new', HEADERS, 'x')),
      asks(pub('orders.none', '')),
    ],
    [
      'publish orders.new producer send by=shop size=250',
      `publish orders.new producer send by=shop size=1 ${BELOW}`,
      'publish orders.none producer send by=shop size=0',
    ],
  ],
  [
    'what is delivered, by subscription and group',
    [
      INFO,
      asks('CONNECT {}\r\nSUB orders.* 1\r\nSUB plain workers 2\r\nUNSUB 1 9\r\n'),
      says(msg('orders.new 1', BODY), withHeaders('HMSG plain 2 _INBOX.a', HEADERS, '')),
      says(msg('unknown 7', 'x'), 'PING\r\n'),
      asks('PONG\r\n'),
    ],
    [
      'deliver orders.* consumer process template=orders.* size=250',
      `deliver plain consumer process group=workers size=0 ${BELOW}`,
      'deliver unknown consumer process size=1',
    ],
  ],
  [
    'requests and answers have a destination without a name, and nobody answers one',
    [
      INFO,
      asks('CONNECT {}\r\nSUB _INBOX.a.* 1\r\n', pub('ask _INBOX.a.b', 'x')),
      says(msg('_INBOX.a.b 1', 'yes')),
      asks(pub('_INBOX.c', 'no'), pub('nobody _INBOX.a.c', '')),
      says(withHeaders('HMSG _INBOX.a.c 1', 'NATS/1.0 503\r\n\r\n', '')),
    ],
    [
      'publish ask producer send size=1',
      'deliver (temporary) consumer process size=3',
      'publish (temporary) producer send size=2',
      'publish nobody producer send size=0',
      'deliver (temporary) consumer process error.type=503 size=0',
    ],
  ],
  [
    'JetStream: calls, messages with their consumer, acknowledgements',
    [
      INFO,
      asks('CONNECT {}\r\nSUB _INBOX.a.* 1\r\n'),
      asks(pub('$JS.API.CONSUMER.MSG.NEXT.BILLS.printer _INBOX.a.1', '{}')),
      says(msg('bills.new 1 $JS.ACK.BILLS.printer.1.1.1.1.0', 'x')),
      says(msg('bills.new 1 $JS.ACK._.hash.BILLS.printer.1.1.1.1.0.r', 'x')),
      says(withHeaders('HMSG _INBOX.a.1 1', 'NATS/1.0 404 No Messages\r\n\r\n', '')),
      asks(pub('$JS.ACK.BILLS.printer.1.1.1.1.0', ''), pub('$JS.ACK._.h.S.c.1.1.1.1.0.r', '+ACK')),
      asks(pub('$JS.ACK.S.c.1.1.1.1.0', '-NAK {"delay":1}'), pub('$JS.ACK.S.c.1.1.1.1.0', '+TERM')),
      asks(pub('$JS.eu.API.STREAM.INFO.BILLS', ''), pub('$JS.API.INFO', ''), pub('$JS.API.x', '')),
      asks(pub('$JS.FC.S.c.1', ''), pub('$JS.API.DIRECT.GET.KV_b.$KV.b.key', '')),
      asks(pub('$KV.b.key.of.user', 'x')),
    ],
    [
      'consumer.msg.next BILLS client group=printer size=2',
      'deliver bills.new consumer process group=printer size=1',
      'deliver bills.new consumer process group=printer size=1',
      'ack BILLS client settle group=printer size=0',
      'ack S client settle group=c size=4',
      'nak S client settle group=c size=16',
      'term S client settle group=c size=5',
      'stream.info BILLS client size=0',
      'info client size=0',
      'api x client size=0',
      'flow S client group=c size=0',
      'direct.get KV_b client size=0',
      'publish $KV.b producer send size=1',
    ],
  ],
  [
    'small letters, tabs and other spaces, a name of any language',
    [INFO, asks('connect {}\r\n', 'pub\tgr\xc3\xbc\xc3\x9fe  2 \r\nok\r\n')],
    ['publish grüße producer send size=2'],
  ],
]

describe('nats', () => {
  testCases(cases, lines)

  test('of a server all are server spans', () => {
    for (const [, conversation] of cases) {
      const { spans } = play(open, conversation)
      assert.ok(spans.every(({ kind }) => kind === SpanKind.server))
    }
  })

  test('times are those of the first byte and the last', () => {
    const [span] = play(open, [INFO, asks('PUB a 4\r\n'), asks('body'), asks('\r\n')]).spans
    assert.deepEqual(
      [span?.start, span?.end],
      [
        [0, 2e6],
        [0, 4e6],
      ],
    )
  })

  test('errors and statuses are counted', () => {
    const { spans, counts } = play(open, [
      INFO,
      asks('CONNECT {}\r\n'),
      says("-ERR 'Permissions Violation'\r\n"),
      says(withHeaders('HMSG _INBOX.a 1', 'NATS/1.0 100 Idle Heartbeat\r\n\r\n', '')),
    ])
    assert.deepEqual(spans, [])
    assert.deepEqual(counts, { nats_error: 1, nats_status: 1 })
  })

  test('payloads are not missed, and a greeting longer than what is captured does no harm', () => {
    const long = 'x'.repeat(50_000)
    const conversation: Conversation = [
      says(`INFO {"server_id":"${long}"} \r\n`),
      asks('CONNECT {}\r\n', pub('a', long), pub('b', 'x')),
      asks(withHeaders('HPUB a', `NATS/1.0\r\nx: ${long}\r\n\r\n`, long)),
      says(msg('a 1', long)),
    ]
    assert.deepEqual(lines(conversation).length, 4)
    assert.deepEqual(lines(conversation, { captured: 300 }), [
      'publish a producer send size=50000',
      'publish a producer send size=50000',
      'deliver a consumer process size=50000',
    ])
  })

  test('an old connection is read from the next line that begins a run, each side by itself', () => {
    const options = { connection: { role: 'client', adopted: true } } as const
    const comes = says(msg('a 1', 'x'))
    const delivered = 'deliver a consumer process size=1'
    assert.deepEqual(lines([says('half of a message\r\n'), comes, comes], options), [
      delivered,
      delivered,
    ])
    assert.deepEqual(lines([asks('half\r\n'), comes, asks('PONG\r\n', pub('b', ''))], options), [
      delivered,
      'publish b producer send size=0',
    ])
  })

  test('what goes on in TLS is left', () => {
    const { spans, counts } = play(open, [
      INFO,
      asks('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'),
      says('\x16\x03\x03'),
    ])
    assert.deepEqual([spans, counts], [[], {}])
  })

  test('something else, or the other direction, gives no span', () => {
    const wrong: Conversation[] = [
      [asks(msg('a 1', 'x'))],
      [says(pub('a', 'x'))],
      [asks('PUB a\r\n')],
      [asks('PUB a 1 2 3\r\n')],
      [asks('PUB a 99999999\r\n')],
      [asks('HPUB a 9 8\r\n')],
      [asks('PUB a\x01b 1\r\nx\r\n')],
      [asks('PUB a 1\r\nxyz\r\n')],
      [asks('PUB a 1\n')],
      [asks('SUB a\r\n')],
      [asks('CONNECT host:443 HTTP/1.1\r\n\r\n')],
      [asks('x'.repeat(20_000))],
    ]
    for (const conversation of wrong) {
      const many = Array.from({ length: 10 }, () => conversation).flat()
      assert.deepEqual(lines(many), [], JSON.stringify(conversation).slice(0, 60))
    }
  })
})
