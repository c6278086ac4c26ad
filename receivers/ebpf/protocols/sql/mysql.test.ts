import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { MYSQL, MYSQL_NO_ESCAPES } from './dialects.ts'
import { statementOf } from './statement.ts'

const cases: [sql: string, summary: string, text: string][] = [
  [`SELECT 'it\\'s', "a ""b"" \\" c" FROM \`my t\``, 'SELECT `my t`', 'SELECT ?, ? FROM `my t`'],
  ["SELECT _utf8mb4'x', N'y', x'1F', 0xFF, b'01', 1e3", 'SELECT', 'SELECT ?, ?, ?, ?, ?, ?'],
  ["SELECT a # 'secret'\n, b -- secret\n FROM t", 'SELECT t', 'SELECT a , b FROM t'],
  ['SELECT 5--3 FROM t', 'SELECT t', 'SELECT ?--? FROM t'],
  ['SELECT /* a /* b */ 7 /*+ HINT */ FROM t', 'SELECT t', 'SELECT ? FROM t'],
  ["/*!50003 INSERT INTO t VALUES ('secret') */", 'INSERT t', 'INSERT INTO t VALUES (?)'],
  [
    "INSERT INTO t(a) VALUES ('x') ON DUPLICATE KEY UPDATE a = 'y'",
    'INSERT t',
    'INSERT INTO t(a) VALUES (?) ON DUPLICATE KEY UPDATE a = ?',
  ],
  ["SELECT REPLACE(a, 'x', 'y') FROM t", 'SELECT t', 'SELECT REPLACE(a, ?, ?) FROM t'],
  ["REPLACE INTO t VALUES ('x')", 'REPLACE t', 'REPLACE INTO t VALUES (?)'],
  ['SELECT @a := 5, @@version', 'SELECT', 'SELECT @a := ?, @@version'],
  ["SELECT $$, 'x'", 'SELECT', 'SELECT $$, ?'],
  ["LOAD DATA LOCAL INFILE 'x' INTO TABLE t", 'LOAD t', 'LOAD DATA LOCAL INFILE ? INTO TABLE t'],
  ["SELECT 'never ends\\", 'SELECT', 'SELECT ?'],
]

describe('statementOf, as MySQL writes', () => {
  for (const [sql, summary, text] of cases) {
    test(sql, () => assert.deepEqual(statementOf(sql, MYSQL), { summary, text }))
  }

  test('without escapes a backslash hides no quote', () => {
    assert.equal(statementOf("SELECT 'a\\', 'secret'", MYSQL_NO_ESCAPES).text, 'SELECT ?, ?')
  })

  test('no string survives a cut anywhere', () => {
    for (const [sql] of cases) {
      if (/[`"]/.test(sql)) continue
      const secret = `${sql} , 'SEC\\'RET' "SEC\\"RET" x`
      if (/#|\/\*!|never/.test(sql)) continue
      for (let end = 0; end <= secret.length; end++)
        assert.doesNotMatch(statementOf(secret.slice(0, end), MYSQL).text, /SEC|RET/)
    }
  })
})
