import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { statementOf } from './statement.ts'

const cases: [sql: string, summary: string, text: string][] = [
  [
    "SELECT * FROM users WHERE name = 'O''Brien' AND age > 42",
    'SELECT users',
    'SELECT * FROM users WHERE name = ? AND age > ?',
  ],
  [
    'select a.x from songs a, artists b where a.id=b.id',
    'SELECT songs artists',
    'select a.x from songs a, artists b where a.id=b.id',
  ],
  ['SELECT 1', 'SELECT', 'SELECT ?'],
  [
    'SELECT * FROM s.t AS t JOIN "My Table" m ON true',
    'SELECT s.t "My Table"',
    'SELECT * FROM s.t AS t JOIN "My Table" m ON true',
  ],
  [
    'INSERT INTO t(a, b) VALUES (1, $$x$$), (2, 3.5e-7)',
    'INSERT t',
    'INSERT INTO t(a, b) VALUES (?)',
  ],
  [
    'INSERT INTO shipping SELECT id FROM orders',
    'INSERT shipping SELECT orders',
    'INSERT INTO shipping SELECT id FROM orders',
  ],
  [
    'UPDATE ONLY t SET a = $1 WHERE b IN ($2, $3, $4)',
    'UPDATE t',
    'UPDATE ONLY t SET a = $1 WHERE b IN (?)',
  ],
  ["DELETE FROM t WHERE a = E'\\'; DROP TABLE x; --'", 'DELETE t', 'DELETE FROM t WHERE a = ?'],
  [
    'CREATE UNIQUE INDEX IF NOT EXISTS i ON t (a)',
    'CREATE INDEX i',
    'CREATE UNIQUE INDEX IF NOT EXISTS i ON t (a)',
  ],
  ['create table t (a int default 7)', 'CREATE TABLE t', 'create table t (a int default ?)'],
  ['DROP TABLE IF EXISTS a.b', 'DROP TABLE a.b', 'DROP TABLE IF EXISTS a.b'],
  ['BEGIN', 'BEGIN', 'BEGIN'],
  ["SET x TO 'secret'", 'SET', 'SET x TO ?'],
  ['COPY t FROM STDIN', 'COPY t', 'COPY t FROM STDIN'],
  ['TRUNCATE TABLE t', 'TRUNCATE t', 'TRUNCATE TABLE t'],
  [
    'WITH c AS (SELECT * FROM t) SELECT * FROM c',
    'SELECT t SELECT c',
    'WITH c AS (SELECT * FROM t) SELECT * FROM c',
  ],
  ['SELECT * FROM (SELECT 1 FROM t) x', 'SELECT SELECT t', 'SELECT * FROM (SELECT ? FROM t) x'],
  ['SELECT * FROM t FOR UPDATE', 'SELECT t', 'SELECT * FROM t FOR UPDATE'],
  ['/* secret /* nested */ 42 */ SELECT -- 42 secret\n a FROM t', 'SELECT t', 'SELECT a FROM t'],
  ["SELECT 'never ends", 'SELECT', 'SELECT ?'],
  ['SELECT $tag$ secret', 'SELECT', 'SELECT ?'],
  ["SELECT U&'\\0061', x'1F', 0xFF, 1_000", 'SELECT', 'SELECT ?, ?, ?, ?'],
  [
    "INSERT INTO t VALUES ('a') ON CONFLICT DO UPDATE SET a = 'b'",
    'INSERT t',
    'INSERT INTO t VALUES (?) ON CONFLICT DO UPDATE SET a = ?',
  ],
  ['CALL p(1)', 'CALL p', 'CALL p(?)'],
  ['', '', ''],
]

describe('statementOf', () => {
  for (const [sql, summary, text] of cases) {
    test(sql, () => assert.deepEqual(statementOf(sql), { summary, text }))
  }

  test('no literal survives a cut anywhere', () => {
    for (const [sql] of cases) {
      const secret = `${sql.slice(0, sql.length / 2)} 'SECRET' $a$SECRET$a$ 987654321`
      for (let end = 0; end <= secret.length; end++) {
        const { text, summary } = statementOf(secret.slice(0, end))
        const quoted = /'/.test(sql.slice(0, sql.length / 2)) || /"|\$/.test(sql)
        if (!quoted) assert.doesNotMatch(`${text} ${summary}`, /'|SECR|9876/, secret.slice(0, end))
      }
    }
  })

  test('long ones are bounded, and quick', () => {
    for (const piece of ['(', "'", '/*', '$', 'a.', 'FROM t,', '"', '1,', 'SELECT FROM ', "e'\\"]) {
      const { text, summary } = statementOf(piece.repeat(200_000))
      assert.ok(text.length <= 2048 && summary.length <= 255)
    }
  })
})
