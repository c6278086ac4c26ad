import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parentBasedAlwaysOn } from '../../trace_context/sampling.ts'
import { type Case, testCases } from '../testing/cases.ts'
import { type Conversation, type PlayOptions, play, spanLine } from '../testing/chunk_play.ts'
import { mysql } from './protocol.ts'
import * as my from './testing.ts'
import { ask, OPENING, returned, say, spanOf as span } from './testing.ts'

const lines = (conversation: Conversation, options?: PlayOptions) =>
  play(mysql(parentBasedAlwaysOn), conversation, options).spans.map(spanLine)

const failed = (code: number) => `db.response.status_code=${code} error.type=${code} error`

const cases: Case[] = [
  [
    'a query, without its literals',
    [ask(my.query("SELECT * FROM t WHERE a = 'it\\'s secret'")), say(my.rows(['secret', 'x']))],
    [span('SELECT t', 'SELECT * FROM t WHERE a = ?', returned(2))],
  ],
  [
    'columns without an end of their own, and no rows',
    [
      ask(my.query('SELECT a FROM t')),
      say(my.rows([], false)),
      ask(my.query('BEGIN')),
      say(my.ok(1)),
    ],
    [span('SELECT t', 'SELECT a FROM t', returned(0)), span('BEGIN', 'BEGIN')],
  ],
  [
    'an error has its code',
    [ask(my.query('SELECT * FROM nix')), say(my.error(1))],
    [span('SELECT nix', 'SELECT * FROM nix', failed(1146))],
  ],
  [
    'an error among the rows',
    [
      ask(my.query('SELECT a FROM t')),
      say(
        my.packet(1, 1),
        my.column(2),
        my.eof(3),
        my.packet(4, 1, 'x'),
        my.error(5, 1317, '70100'),
      ),
    ],
    [
      span(
        'SELECT t',
        'SELECT a FROM t',
        `db.response.status_code=1317 error.type=1317 ${returned(1)} error`,
      ),
    ],
  ],
  [
    'prepared once, executed twice; preparing has no span',
    [
      ask(my.prepare('INSERT INTO t VALUES (?, ?)')),
      say(my.prepared(7, 0, 2), my.column(2), my.column(3), my.eof(4)),
      ask(my.execute(7)),
      say(my.ok(1)),
      ask(my.execute(7)),
      say(my.error(1, 1062, '23000')),
      ask(my.packet(0, 0x19, my.u32(7)), my.packet(0, 14)),
      say(my.ok(1)),
    ],
    [
      span('INSERT t', 'INSERT INTO t VALUES (?)'),
      span('INSERT t', 'INSERT INTO t VALUES (?)', failed(1062)),
    ],
  ],
  [
    'prepared and executed at once, by the number that stands for the last one',
    [
      ask(my.prepare('SELECT a FROM t'), my.execute(0xffffffff)),
      say(my.prepared(1, 1, 0), my.column(2), my.eof(3), my.rows(['1'])),
    ],
    [span('SELECT t', 'SELECT a FROM t', returned(1))],
  ],
  [
    'what cannot be prepared',
    [ask(my.prepare('SELEC 1')), say(my.error(1, 1064, '42000'))],
    [span('SELEC', 'SELEC ?', failed(1064))],
  ],
  [
    'several results of one query',
    [
      ask(my.query('CALL p(1)')),
      say(
        my.packet(1, 1),
        my.column(2),
        my.eof(3, 10),
        my.packet(4, 1, 'x'),
        my.eof(5, 10),
        my.packet(6, 1),
        my.column(7),
        my.eof(8, 10),
        my.eof(9, 10),
        my.ok(10),
      ),
    ],
    [span('CALL p', 'CALL p(?)', returned(1))],
  ],
  [
    'a file that the server asks for',
    [
      ask(my.query("LOAD DATA LOCAL INFILE 'secret' INTO TABLE t")),
      say(my.packet(1, 0xfb, 'secret')),
      ask(my.packet(2, 'secret\n'), my.packet(3, 'secret\n'), my.packet(4)),
      say(my.ok(5)),
    ],
    [span('LOAD t', 'LOAD DATA LOCAL INFILE ? INTO TABLE t')],
  ],
  [
    'the database that was selected, by a command, a statement and another user',
    [
      ask(my.packet(0, 2, 'a')),
      say(my.ok(1)),
      ask(my.query('BEGIN')),
      say(my.ok(1)),
      ask(my.query('USE `b`')),
      say(my.ok(1)),
      ask(my.query('BEGIN')),
      say(my.ok(1)),
      ask(my.packet(0, 2, 'nix')),
      say(my.error(1, 1049, '42000')),
      ask(my.query('BEGIN')),
      say(my.ok(1)),
      ask(my.packet(0, 0x11, 'me\0', 3, 'pwd', 'c\0')),
      say(my.packet(1, 0xfe, 'plugin\0')),
      ask(my.packet(2, 'proof')),
      say(my.ok(3)),
      ask(my.query('BEGIN')),
      say(my.ok(1)),
    ],
    [
      span('BEGIN', 'BEGIN', '', 'a'),
      span('USE', 'USE `b`', '', 'a'),
      span('BEGIN', 'BEGIN', '', 'b'),
      span('BEGIN', 'BEGIN', '', 'b'),
      span('BEGIN', 'BEGIN', '', 'c'),
    ],
  ],
  [
    'a cursor: the rows are fetched',
    [
      ask(my.prepare('SELECT a FROM t')),
      say(my.prepared(1, 1, 0), my.column(2), my.eof(3)),
      ask(my.execute(1)),
      say(my.packet(1, 1), my.column(2), my.eof(3, 0x42)),
      ask(my.packet(0, 28, my.u32(1), my.u32(9))),
      say(my.packet(1, 0, 0, 'x'), my.eof(2, 0x82)),
      ask(my.query('BEGIN')),
      say(my.ok(1)),
    ],
    [span('SELECT t', 'SELECT a FROM t', returned(0)), span('BEGIN', 'BEGIN')],
  ],
  [
    'how far it has come is no error',
    [
      ask(my.query('ALTER TABLE t FORCE')),
      say(my.packet(1, 0xff, my.u16(0xffff), 'stage'), my.ok(2)),
    ],
    [span('ALTER TABLE t', 'ALTER TABLE t FORCE')],
  ],
  [
    'a session without escapes, of which the server tells',
    [
      ask(my.query("SET sql_mode = 'NO_BACKSLASH_ESCAPES'")),
      say(my.ok(1, 0x202)),
      ask(my.query("SELECT 'a\\', 'secret'")),
      say(my.rows(['x'])),
    ],
    [span('SET', 'SET sql_mode = ?'), span('SELECT', 'SELECT ?, ?', returned(1))],
  ],
  [
    'a long statement, a long row, and one longer than a packet',
    [
      ask(my.query(`SELECT '${'x'.repeat(100_000)}' FROM t`)),
      say(
        my.packet(1, 1),
        my.column(2),
        my.eof(3),
        my.packet(4, 0xfd, 'y'.repeat(100_000)),
        my.eof(5),
      ),
    ],
    [span('SELECT', 'SELECT ?', returned(1))],
  ],
]

describe('mysql', () => {
  testCases(cases, (conversation, options) => lines([...OPENING, ...conversation], options))

  test('a row longer than a packet goes on in the next', () => {
    const first = Buffer.concat([Buffer.from('ffffff04fdffffff', 'hex'), Buffer.alloc(0xfffffb)])
    const said = say(
      my.packet(1, 1),
      my.column(2),
      my.eof(3),
      first,
      my.packet(5, 'rest'),
      my.eof(6),
    )
    assert.deepEqual(lines([...OPENING, ask(my.query('SELECT 1')), said]), [
      span('SELECT', 'SELECT ?', returned(1)),
    ])
  })
})
