import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parentBasedAlwaysOn } from '../../trace_context/sampling.ts'
import { type Case, testCases } from '../testing/cases.ts'
import { type Conversation, CUTS, type PlayOptions, play, spanLine } from '../testing/chunk_play.ts'
import { postgres } from './protocol.ts'
import {
  all,
  bind,
  complete,
  error,
  execute,
  message,
  parse,
  query,
  READY,
  SSL_REQUEST,
  START,
  SYNC,
  startup,
  WELCOME,
} from './testing.ts'

const open = postgres(parentBasedAlwaysOn)
const ask = (...messages: Buffer[]) => ['request', all(...messages)] as const
const say = (...messages: Buffer[]) => ['response', all(...messages)] as const
const opening: Conversation = [ask(START), say(WELCOME)]

const lines = (conversation: Conversation, options?: PlayOptions) =>
  play(open, conversation, options).spans.map(spanLine)

const span = (summary: string, operation: string, text: string, more = '', database = 'shop') =>
  [
    `${summary || operation || 'postgresql'} server`,
    ...(database === '' ? [] : [`db.namespace=${database}`]),
    ...(operation === '' ? [] : [`db.operation.name=${operation}`]),
    ...(summary === '' ? [] : [`db.query.summary=${summary}`]),
    ...(text === '' ? [] : [`db.query.text=${text}`]),
    ...(more === '' ? [] : [more]),
  ].join(' ')
const failed = (code: string) => `db.response.status_code=${code} error.type=${code} error`
const ROWS = all(message('T', 'x'.repeat(30)), message('D', 'secret'), message('D', 'x'.repeat(40)))

const cases: Case[] = [
  [
    'a query, without its literals',
    [ask(query("SELECT * FROM t WHERE a = 'secret'")), say(ROWS, complete('SELECT 2'), READY)],
    [span('SELECT t', 'SELECT', 'SELECT * FROM t WHERE a = ?', 'db.response.returned_rows=2')],
  ],
  [
    'an error has its SQLSTATE',
    [ask(query('SELECT * FROM nix')), say(error('42P01'), READY)],
    [span('SELECT nix', '', 'SELECT * FROM nix', failed('42P01'))],
  ],
  [
    'parse, bind and execute in one turn',
    [
      ask(parse('', 'INSERT INTO t VALUES ($1)'), bind(''), message('D', 'P\0'), execute(), SYNC),
      say(message('1'), message('2'), message('n'), complete('INSERT 0 1'), READY),
    ],
    [span('INSERT t', 'INSERT', 'INSERT INTO t VALUES ($1)')],
  ],
  [
    'prepared by name, executed twice, and gone on with once through a portal',
    [
      ask(parse('s1', 'SELECT 1'), message('D', 'Ss1\0'), SYNC),
      say(message('1'), message('t', '\0\0'), message('T', 'x'), READY),
      ask(bind('s1', 'p1'), execute('p1'), SYNC),
      say(message('2'), message('D', 'x'), complete('SELECT 1'), READY),
      ask(bind('s1', 'p1'), execute('p1'), execute('p1'), SYNC),
      say(
        message('2'),
        message('D', 'x'),
        message('s'),
        message('D', 'x'),
        complete('SELECT 1'),
        READY,
      ),
    ],
    [
      span('SELECT', 'SELECT', 'SELECT ?', 'db.response.returned_rows=1'),
      span('SELECT', '', 'SELECT ?'),
    ],
  ],
  [
    'a pipeline: what stands behind an error is skipped up to the next sync',
    [
      ask(
        ...[
          parse('', 'SELECT 1'),
          bind(''),
          execute(),
          parse('', 'SELECT 1/0 FROM t'),
          bind(''),
          execute(),
        ],
        ...[
          parse('', 'SELECT 3'),
          bind(''),
          execute(),
          SYNC,
          parse('', 'SELECT 4'),
          bind(''),
          execute(),
          SYNC,
        ],
      ),
      say(
        message('1'),
        message('2'),
        complete('SELECT 1'),
        message('1'),
        message('2'),
        error('22012'),
        READY,
      ),
      say(message('1'), message('2'), complete('SELECT 1'), READY),
    ],
    [
      span('SELECT', 'SELECT', 'SELECT ?', 'db.response.returned_rows=1'),
      span('SELECT t', '', 'SELECT ?/? FROM t', failed('22012')),
      span('SELECT', 'SELECT', 'SELECT ?', 'db.response.returned_rows=1'),
    ],
  ],
  [
    'what cannot be prepared',
    [ask(parse('s', 'SELEC 1'), message('D', 'Ss\0'), SYNC), say(error('42601'), READY)],
    [span('SELEC', '', 'SELEC ?', failed('42601'))],
  ],
  [
    'COPY both ways',
    [
      ask(query('COPY t FROM STDIN')),
      say(message('G', '\0\0\0')),
      ask(message('d', 'secret\n'), message('c')),
      say(complete('COPY 1'), READY),
      ask(query('COPY t TO STDOUT')),
      say(
        message('H', '\0\0\0'),
        message('d', 'secret\n'),
        message('c'),
        complete('COPY 1'),
        READY,
      ),
    ],
    [span('COPY t', 'COPY', 'COPY t FROM STDIN'), span('COPY t', 'COPY', 'COPY t TO STDOUT')],
  ],
  [
    'notices and notifications come at any time',
    [
      say(message('A', 'x')),
      ask(query('LISTEN a')),
      say(message('N', 'x'), complete('LISTEN'), READY),
      say(message('A', 'x'), message('S', 'a\0b\0')),
    ],
    [span('LISTEN', 'LISTEN', 'LISTEN a')],
  ],
  [
    'long rows, and a long statement',
    [
      ask(query(`SELECT '${'x'.repeat(100_000)}' FROM t`)),
      say(message('D', 'y'.repeat(100_000)), complete('SELECT 1'), READY),
    ],
    [span('SELECT', 'SELECT', 'SELECT ?', 'db.response.returned_rows=1')],
  ],
]

describe('postgres', () => {
  testCases(cases, (conversation, options) => lines([...opening, ...conversation], options))

  test('no for TLS, and on in the clear', () => {
    const said: Conversation = [
      ask(SSL_REQUEST),
      ['response', 'N'],
      ...opening,
      ask(query('BEGIN')),
      say(complete('BEGIN'), READY),
    ]
    for (const cut of CUTS)
      assert.deepEqual(lines(said, { cut }), [span('BEGIN', 'BEGIN', 'BEGIN')])
  })

  test('yes for TLS: the kernel goes on looking', () => {
    const { verdicts, counts } = play(open, [
      ask(SSL_REQUEST),
      ['response', 'S'],
      ['request', '\x16\x03\x01'],
    ])
    assert.deepEqual([verdicts, counts], [[], {}])
  })

  test('without a database it is that of the user', () => {
    const said: Conversation = [
      ask(startup('user\0me\0\0')),
      say(WELCOME),
      ask(query('BEGIN')),
      say(complete('BEGIN'), READY),
    ]
    assert.deepEqual(lines(said), [span('BEGIN', 'BEGIN', 'BEGIN', '', 'me')])
  })

  test('replication and cancelling have no spans', () => {
    const cancel = Buffer.from('0000001004d2162e0000000100000002', 'hex')
    for (const first of [startup('user\0me\0replication\0true\0\0'), cancel]) {
      const { verdicts, counts, spans } = play(open, [ask(first), say(WELCOME)])
      assert.deepEqual([verdicts, counts, spans], [['ignore'], { postgres_stream: 1 }, []])
    }
  })

  test('an old connection: what was prepared before is not known', () => {
    const said: Conversation = [
      ask(bind('s1'), execute(), SYNC),
      say(message('2'), complete('SELECT 1'), READY),
      ask(query('UPDATE t SET a = 1')),
      say(complete('UPDATE 1'), READY),
    ]
    assert.deepEqual(lines(said, { connection: { adopted: true }, end: 'closed' }), [
      span('', 'SELECT', '', 'db.response.returned_rows=1 weir.partial=statement_unknown', ''),
      span('UPDATE t', 'UPDATE', 'UPDATE t SET a = ?', 'weir.partial=database_unknown', ''),
    ])
  })

  test('who gets no answer says why; a gap loses what waited behind another', () => {
    const said = [...opening, ask(query('SELECT 1'))]
    assert.deepEqual(lines(said, { end: 'reset' }), [
      span('SELECT', '', 'SELECT ?', 'error.type=connection_reset error'),
    ])
    const rows = [
      ...opening,
      ask(query('SELECT 1')),
      say(message('D', 'x'.repeat(50)), complete('SELECT 1'), READY),
    ]
    const ahead = [...opening, ask(query('SELECT 1'), query('SELECT 2')), ...rows.slice(-1)]
    const { spans, counts } = play(open, ahead, { captured: 60 })
    assert.deepEqual([spans.length, counts['chunk_gap'], counts['chunk_out_of_step']], [0, 1, 2])
  })

  test('a result that was not captured to its end is over by its last bytes, or when the client speaks', () => {
    const portal = [ask(parse('', 'SELECT 1'), bind(''), execute(), SYNC)]
    const end = all(complete('SELECT 1'), READY)
    for (const asked of [[ask(query('SELECT 1'))], portal]) {
      for (const [last, next] of [
        [end, []],
        [Buffer.alloc(9), [ask(query('BEGIN'))]],
      ] as const) {
        const answer = say(message('1'), message('D', 'x'.repeat(50)), last)
        const played = play(open, [...opening, ...asked, answer, ...next], { captured: 60 })
        assert.deepEqual(played.spans.map(spanLine), [
          span('SELECT', '', 'SELECT ?', 'weir.partial=result_uncaptured'),
        ])
        assert.deepEqual(played.counts, { result_uncaptured: 1 })
      }
    }
  })

  test('something else gives no span', () => {
    const wrong = [
      'GET / HTTP/1.1\r\n\r\n',
      '\0\0\0\x04',
      '\xff'.repeat(50),
      'Q\0\0\0\0',
      'Q\xff\xff\xff\xff',
    ]
    for (const bytes of wrong) {
      assert.deepEqual(
        lines([
          ['request', bytes],
          ['response', bytes],
          ['request', bytes],
        ]),
        [],
      )
      assert.deepEqual(lines([...opening, ['request', bytes], ['response', 'Z\0\0\0\x05I']]), [])
    }
  })
})
