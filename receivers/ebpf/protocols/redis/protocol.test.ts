import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parentBasedAlwaysOn } from '../../trace_context/sampling.ts'
import { type Case, testCases } from '../testing/cases.ts'
import { type Conversation, type PlayOptions, play, spanLine } from '../testing/chunk_play.ts'
import { redis } from './protocol.ts'

const open = redis(parentBasedAlwaysOn)

/** As clients send it. */
const command = (...words: string[]) =>
  `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`
const ask = (...words: string[]) => ['request', command(...words)] as const
const say = (text: string) => ['response', text.replaceAll('|', '\r\n')] as const

const lines = (conversation: Conversation, options?: PlayOptions) =>
  play(open, conversation, options).spans.map(spanLine)

const op = (name: string, more = '', database = 'db.namespace=0 ') =>
  `${name} server ${database}db.operation.name=${name}${more}`

const cases: Case[] = [
  ['a command', [ask('get', 'k'), say('$1|v|')], [op('GET')]],
  [
    'null of RESP2 and of RESP3',
    [ask('GET', 'k'), say('$-1|'), ask('GET', 'k'), say('_|')],
    [op('GET'), op('GET')],
  ],
  [
    'a pipeline: a span for each command',
    [
      ['request', command('SET', 'a', '1') + command('GET', 'a') + command('DEL', 'a')],
      say('+OK|$1|1|:1|'),
    ],
    [op('SET'), op('GET'), op('DEL')],
  ],
  [
    'an error has its first word for a code',
    [ask('LPUSH', 'k', 'v'), say('-WRONGTYPE Operation against a key|')],
    [op('LPUSH', ' db.response.status_code=WRONGTYPE error.type=WRONGTYPE error')],
  ],
  [
    'a long error of RESP3',
    [ask('EVAL', 'x', '0'), say('!21|SYNTAX invalid syntax|')],
    [op('EVAL', ' db.response.status_code=SYNTAX error.type=SYNTAX error')],
  ],
  [
    'a redirect of a cluster is no error',
    [ask('GET', 'k'), say('-MOVED 3999 127.0.0.1:6381|')],
    [op('GET', ' db.response.status_code=MOVED')],
  ],
  [
    'what the server does not know is no name',
    [ask('SECRET', 'k'), say("-ERR unknown command 'SECRET'|")],
    ['redis server db.namespace=0 db.response.status_code=ERR error.type=ERR error'],
  ],
  [
    'a subcommand belongs to the name',
    [ask('client', 'setname', 'x'), say('+OK|')],
    [op('CLIENT SETNAME')],
  ],
  ['a line of words', [['request', 'PING\r\n'], say('+PONG|')], [op('PING')]],
  [
    'a database is selected once its answer says so',
    [
      ask('SELECT', '3'),
      say('+OK|'),
      ask('GET', 'k'),
      say('$-1|'),
      ask('SELECT', '99'),
      say('-ERR DB index is out of range|'),
      ask('GET', 'k'),
      say('$-1|'),
    ],
    [
      op('SELECT'),
      op('GET', '', 'db.namespace=3 '),
      op('SELECT', ' db.response.status_code=ERR error.type=ERR error', 'db.namespace=3 '),
      op('GET', '', 'db.namespace=3 '),
    ],
  ],
  [
    'a transaction',
    [
      ask('MULTI'),
      say('+OK|'),
      ask('SET', 'a', '1'),
      say('+QUEUED|'),
      ask('EXEC'),
      say('*2|+OK|*2|:1|:2|'),
    ],
    [op('MULTI'), op('SET'), op('EXEC')],
  ],
  [
    'a subscriber hears more than it asked for',
    [
      ask('SUBSCRIBE', 'a', 'b'),
      say('*3|$9|subscribe|$1|a|:1|*3|$9|subscribe|$1|b|:2|*3|$7|message|$1|a|$2|hi|'),
      ask('PING'),
      say('*2|$4|pong|$0||'),
    ],
    [op('SUBSCRIBE'), op('PING')],
  ],
  [
    'pushes of RESP3 answer nobody, attributes neither',
    [
      ask('HELLO', '3'),
      say('%1|$6|server|$5|redis|'),
      ask('GET', 'k'),
      say('>2|$10|invalidate|*1|$1|k|'),
      ['response', '|1\r\n$3\r\nttl\r\n:5\r\n$1\r\nv\r\n'],
    ],
    [op('HELLO'), op('GET')],
  ],
  [
    'values that look like commands',
    [ask('SET', 'k', command('FLUSHALL')), say('+OK|'), ask('GET', 'k'), say('$9|+OK|-ERR|')],
    [op('SET'), op('GET')],
  ],
  [
    'a value longer than what is held',
    [
      ask('SET', 'k', 'x'.repeat(100_000)),
      say('+OK|'),
      ask('GET', 'k'),
      say(`$100000|${'y'.repeat(100_000)}|`),
    ],
    [op('SET'), op('GET')],
  ],
]

describe('redis', () => {
  testCases(cases, lines)

  test('times are those of the first byte and of the last', () => {
    const [span] = play(open, [ask('GET', 'key'), say('$5|hello|')], { cut: 4 }).spans
    assert.deepEqual(
      [span?.start, span?.end],
      [
        [0, 1e6],
        [0, 9e6],
      ],
    )
  })

  test('of a client the span is a client span', () => {
    const [span] = play(open, [ask('GET', 'k'), say('$1|v|')], {
      connection: { role: 'client' },
    }).spans
    assert.match(spanLine(span as never), /^GET client/)
  })

  test('what is not captured of a value is not missed', () => {
    const conversation = [
      ask('SET', 'k', 'x'.repeat(5000)),
      say('+OK|'),
      ask('GET', 'k'),
      say('$1|v|'),
    ]
    assert.deepEqual(lines(conversation, { captured: 200 }), [op('SET'), op('GET')])
  })

  test('a pipeline that was not captured whole is lost, and the next command is not', () => {
    const conversation: Conversation = [
      ['request', command('SET', 'a', 'b').repeat(20)],
      say('+OK|'.repeat(20)),
      ask('GET', 'a'),
      say('$1|b|'),
    ]
    const { spans, counts } = play(open, conversation, { captured: 100, end: 'closed' })
    assert.deepEqual(spans.map(spanLine), [
      'GET server db.operation.name=GET weir.partial=database_unknown',
    ])
    assert.deepEqual(counts, { chunk_gap: 1, chunk_out_of_step: 3 })
  })

  test('an old connection: the first answers may be to requests that nobody saw', () => {
    const old = { connection: { adopted: true }, end: 'closed' } as const
    const unsure = play(
      open,
      [ask('GET', 'a'), say('$1|x|$1|y|'), ask('SET', 'a', 'b'), say('+OK|')],
      old,
    )
    assert.deepEqual(
      unsure.spans.map((span) => span.name),
      ['SET'],
    )
    assert.equal(unsure.counts['chunk_out_of_step'], 1)
    const even = play(
      open,
      [say('$1|x|'), ask('GET', 'a'), say('$1|y|'), ask('PING'), say('+PONG|')],
      old,
    )
    assert.deepEqual(
      even.spans.map((span) => span.name),
      ['GET', 'PING'],
    )
  })

  test('who gets no answer says why', () => {
    for (const [end, failure] of [
      ['closed', 'connection_closed'],
      ['reset', 'connection_reset'],
    ] as const) {
      assert.deepEqual(lines([ask('BLPOP', 'k', '0')], { end }), [
        op('BLPOP', ` error.type=${failure} error`),
      ])
    }
    assert.equal(play(open, [ask('GET', 'k')], { end: 'evicted' }).counts['evicted_exchange'], 1)
  })

  test('replicas, MONITOR and clients without replies are let go', () => {
    for (const words of [['MONITOR'], ['PSYNC', '?', '-1'], ['CLIENT', 'REPLY', 'OFF']]) {
      const { verdicts, spans } = play(open, [ask(...words), say('+OK|+1 "x"|')])
      assert.deepEqual([verdicts, spans.length], [['ignore'], 0])
    }
  })

  test('something else gives no span, and is given up', () => {
    const wrong: Conversation[] = [
      [['request', '*1\r\n$4000000000\r\n']],
      [['request', '*99999999\r\n']],
      [['request', `*1\r\n${'x'.repeat(5000)}`]],
      [['request', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n']],
    ]
    for (const conversation of wrong) {
      const many = Array.from({ length: 10 }, () => conversation).flat()
      assert.deepEqual(lines(many), [])
    }
    const { verdicts, counts } = play(
      open,
      Array.from({ length: 40 }, () => ask('GET', 'k')).concat([['request', '$x\r\n']] as never),
    )
    assert.deepEqual([verdicts, counts], [[], { chunk_invalid: 1, chunk_out_of_step: 40 }])
  })
})
