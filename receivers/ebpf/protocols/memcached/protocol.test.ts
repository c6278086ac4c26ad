import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parentBasedAlwaysOn } from '../../trace_context/sampling.ts'
import { type Conversation, CUTS, type PlayOptions, play, spanLine } from '../testing/chunk_play.ts'
import { memcached } from './protocol.ts'
import { all, ask, CODE, say } from './testing.ts'

const open = memcached(parentBasedAlwaysOn)

const lines = (conversation: Conversation, options?: PlayOptions) =>
  play(open, conversation, options).spans.map(spanLine)

const asks = (text: string) => ['request', text.replaceAll('|', '\r\n')] as const
const says = (text: string) => ['response', text.replaceAll('|', '\r\n')] as const
const op = (name: string, more = '') => `${name} server db.operation.name=${name}${more}`
const rows = (n: number) => ` db.response.returned_rows=${n}`
const batch = (name: string, n: number, more = '') =>
  op(`BATCH ${name}`, ` db.operation.batch.size=${n}${more}`)
const failed = (code: string) => ` db.response.status_code=${code} error.type=${code} error`

type Case = [name: string, conversation: Conversation, spans: string[]]

const text: Case[] = [
  ['what is there', [asks('get k|'), says('VALUE k 0 5|hello|END|')], [op('get', rows(1))]],
  ['what is not', [asks('gets k|'), says('END|')], [op('gets', rows(0))]],
  [
    'many keys are a batch, of which some are there',
    [asks('get a b  c|'), says('VALUE a 0 1|x|VALUE c 0 0||END|')],
    [batch('get', 3, rows(2))],
  ],
  [
    'a time comes before the keys',
    [asks('gat 60 a b|'), says('VALUE a 1 1|x|END|')],
    [batch('gat', 2, rows(1))],
  ],
  [
    'what is stored, and what a cache says no to, is no error',
    [
      asks('set k 0 0 5|hello|add k 0 0 1|x|cas k 0 0 1 7|x|'),
      says('STORED|NOT_STORED|EXISTS|'),
      asks('delete k|incr n 1|touch k 0|decr n 1|'),
      says('DELETED|NOT_FOUND|TOUCHED|10  |'),
    ],
    [op('set'), op('add'), op('cas'), op('delete'), op('incr'), op('touch'), op('decr')],
  ],
  [
    'errors',
    [
      asks('incr k 1|set k 0 0 20000|'),
      asks(`${'x'.repeat(20_000)}|`),
      says('CLIENT_ERROR cannot increment or decrement non-numeric value|'),
      says('SERVER_ERROR object too large for cache|'),
    ],
    [op('incr', failed('CLIENT_ERROR')), op('set', failed('SERVER_ERROR'))],
  ],
  [
    'what nobody knows has no name',
    [asks('secret k|'), says('ERROR|'), asks('get k|'), says('END|')],
    ['memcached server db.response.status_code=ERROR error.type=ERROR error', op('get', rows(0))],
  ],
  [
    'without an answer, where none is wanted, and noreply as a key',
    [
      asks('set k 0 0 1 noreply|x|delete k noreply|incr k 1 noreply|flush_all noreply|'),
      asks('get noreply|'),
      says('END|'),
    ],
    [op('set'), op('delete'), op('incr'), op('flush_all'), op('get', rows(0))],
  ],
  [
    'an error where no answer was wanted belongs to nobody',
    [
      asks('touch k x noreply|'),
      says('CLIENT_ERROR invalid exptime argument|'),
      asks('get k|'),
      says('END|'),
    ],
    [op('touch'), op('get', rows(0))],
  ],
  [
    'a pipeline',
    [asks('get a|get b|set c 0 0 5|END||'), says('END|VALUE b 0 1|y|END|STORED|')],
    [op('get', rows(0)), op('get', rows(1)), op('set')],
  ],
  [
    'values that look like answers',
    [asks('get k|'), says('VALUE k 0 14|END|ERROR|AA|END|')],
    [op('get', rows(1))],
  ],
  [
    'lines of the server about itself',
    [
      asks('stats|version|stats reset|verbosity 1|'),
      says('STAT pid 1|STAT version 1.6.18|END|VERSION 1.6.18|RESET|OK|'),
    ],
    [op('stats'), op('version'), op('stats'), op('verbosity')],
  ],
  [
    'more keys than a line that is held',
    [
      asks(`get ${Array.from({ length: 5000 }, (_, i) => `key-${i}`).join(' ')}|get k|`),
      says('VALUE key-7 0 1|x|END|END|'),
    ],
    [batch('get', 5000, rows(1)), op('get', rows(0))],
  ],
]

const meta: Case[] = [
  [
    'hits, misses, and what is stored',
    [
      asks('mg k v|mg k|mg no v|ms k 5 T0|hello|md k|ma n|ma n v|'),
      says('VA 5 f0|hello|HD|EN|HD|HD|NF|VA 1|7|'),
    ],
    [
      op('mg', rows(1)),
      op('mg', rows(1)),
      op('mg', rows(0)),
      ...['ms', 'md', 'ma', 'ma'].map((name) => op(name)),
    ],
  ],
  [
    'quiet ones are a batch that mn ends',
    [asks('mg a v q O1|mg b v q O2|mg c v q O3|mn|'), says('VA 1 O2|x|MN|')],
    [batch('mg', 3, rows(1))],
  ],
  [
    'quiet ones that one ends which is not, known by its opaque',
    [asks('mg a v q O1|mg b v O2|get k|'), says('VA 1 O1|x|VA 1 O2|y|END|')],
    [batch('mg', 2, rows(2)), op('get', rows(0))],
  ],
  [
    'quiet ones of two kinds, one of which was refused',
    [asks('ms a 1 q MA|x|ms b 1 q|x|md c q|mn|'), says('NS|MN|')],
    [batch('ms', 2), op('md')],
  ],
]

const binary: Case[] = [
  [
    'what is there, and what is not',
    [
      ['request', ask(CODE.get, { key: 'k' })],
      ['response', say(CODE.get, { extras: 4, value: 'hello' })],
      ['request', ask(CODE.get, { key: 'no' })],
      ['response', say(CODE.get, { status: 1, value: 'Not found' })],
    ],
    [op('get', rows(1)), op('get', rows(0))],
  ],
  [
    'errors by their numbers',
    [
      ['request', ask(CODE.set, { extras: 8, key: 'k', value: 'v' })],
      ['response', say(CODE.set, { status: 3, value: 'Too large.' })],
      ['request', ask(CODE.remove, { key: 'k' })],
      ['response', say(CODE.remove, { status: 1 })],
    ],
    [op('set', failed('0x0003')), op('delete')],
  ],
  [
    'many keys at once, that noop ends',
    [
      [
        'request',
        all(
          ...['a', 'b', 'c'].map((key, i) => ask(CODE.getKeyQuietly, { key, opaque: i })),
          ask(CODE.noop),
        ),
      ],
      [
        'response',
        all(say(CODE.getKeyQuietly, { extras: 4, key: 'b', opaque: 1 }), say(CODE.noop)),
      ],
    ],
    [batch('get', 3, rows(1))],
  ],
  [
    'many keys at once, that the last ends',
    [
      [
        'request',
        all(ask(CODE.getKeyQuietly, { key: 'a' }), ask(CODE.getKey, { key: 'b', opaque: 1 })),
      ],
      ['response', say(CODE.getKey, { extras: 4, key: 'b', opaque: 1 })],
    ],
    [batch('get', 2, rows(1))],
  ],
  [
    'quiet ones, one of which failed',
    [
      [
        'request',
        all(
          ...[1, 2].map((opaque) =>
            ask(CODE.setQuietly, { extras: 8, key: 'k', value: 'v', opaque }),
          ),
          ask(CODE.noop, { opaque: 3 }),
        ),
      ],
      [
        'response',
        all(say(CODE.setQuietly, { status: 0x82, opaque: 1 }), say(CODE.noop, { opaque: 3 })),
      ],
    ],
    [`${op('BATCH set', failed('0x0082')).replace(/ error$/, '')} db.operation.batch.size=2 error`],
  ],
  [
    'statistics are many answers',
    [
      ['request', all(ask(CODE.stats), ask(CODE.get, { key: 'k' }))],
      [
        'response',
        all(
          say(CODE.stats, { key: 'pid', value: '1' }),
          say(CODE.stats, { key: 'uptime', value: '2' }),
          say(CODE.stats),
          say(CODE.get, { status: 1 }),
        ),
      ],
    ],
    [op('stats'), op('get', rows(0))],
  ],
  [
    'logging in has no span',
    [
      ['request', ask(CODE.logIn, { key: 'PLAIN', value: '\0me\0secret' })],
      ['response', say(CODE.logIn, { value: 'Authenticated' })],
    ],
    [],
  ],
]

describe('memcached', () => {
  for (const [form, cases] of Object.entries({ text, meta, binary })) {
    for (const [name, conversation, spans] of cases) {
      test(`${form}: ${name}`, () => assert.deepEqual(lines(conversation), spans))
    }
  }

  test('cut anywhere, it is the same', () => {
    for (const [name, conversation, spans] of [...text, ...meta, ...binary]) {
      const isLong = conversation.some(([, said]) => said.length > 10_000)
      for (const cut of isLong ? CUTS.filter((one) => one > 10) : CUTS)
        assert.deepEqual(lines(conversation, { cut }), spans, `${name}, ${cut}`)
    }
  })

  test('nothing of keys and values is told', () => {
    const secret = [...text, ...meta, ...binary].flatMap(([, conversation]) => lines(conversation))
    assert.doesNotMatch(secret.join('\n'), /hello|key-|secret/)
  })

  test('silent ones that nothing ends are told when the connection ends, or the next comes later', () => {
    const sets = asks('ms a 1 q|x|ms b 1 q|x|')
    assert.deepEqual(lines([sets]), [])
    assert.deepEqual(lines([sets], { end: 'closed' }), [batch('ms', 2)])
    const empty = Array.from({ length: 1100 }, () => asks('set k 0 0 0 noreply||'))
    const { spans } = play(open, [sets, ...empty, asks('mn|'), says('MN|')])
    const row = spans.find(({ name }) => name === 'BATCH ms')
    assert.deepEqual(
      [row?.start, row?.end],
      [
        [0, 1e6],
        [0, 1e6],
      ],
    )
  })
})
