import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { string } from '../../pipeline/data/attributes.ts'
import { span } from '../../test/support/telemetry.ts'
import { schema } from './config.ts'
import { Redactor } from './redactor.ts'
import { type Dialect, withoutLiterals } from './sql.ts'
import { withoutIds } from './url.ts'

const SQL: [dialect: Dialect, sql: string, want: string][] = [
  ['standard', 'SELECT * FROM users WHERE id = 123', 'SELECT * FROM users WHERE id = ?'],
  ['standard', "WHERE a = 'O''Brien' AND b > 4.5e-3", 'WHERE a = ? AND b > ?'],
  ['standard', "a IN (1, -2, '3')", 'a IN (?, -?, ?)'],
  ['standard', 'SELECT "My Col" FROM users_2024', 'SELECT "My Col" FROM users_?'],
  ['standard', "WHERE a = 'c:\\' AND b = 'x'", 'WHERE a = ? AND b = ?'],
  ['standard', "WHERE a = E'it\\'s' AND b = $1", 'WHERE a = ? AND b = $1'],
  ['standard', 'SELECT $$a secret$$, $t$ $$ $t$ FROM t', 'SELECT ?, ? FROM t'],
  ['standard', "SELECT 'never ends", 'SELECT ?'],
  ['standard', 'SELECT a -- secret\nFROM t /* 42 */', 'SELECT a \nFROM t'],
  ['standard', "x'1F', N'a', 0xFF, .5", '?, ?, ?, ?'],
  ['mysql', "WHERE a = \"secret\" AND b = 'it\\'s'", 'WHERE a = ? AND b = ?'],
  ['mysql', 'SELECT `my 1` FROM t', 'SELECT `my ?` FROM t'],
  ['unknown', "WHERE a = 'it\\'s' AND b = 1", 'WHERE a = ?'],
  ['unknown', 'nothing to do', 'nothing to do'],
]

describe('SQL', () => {
  for (const [dialect, sql, want] of SQL) {
    test(`${dialect}: ${sql}`, () => assert.equal(withoutLiterals(sql, dialect), want))
  }

  test('takes time in proportion to the text', () => {
    for (const piece of ["'", '"', '/*', '$a$', '--', '1.', "e'\\", '`', "''", '$']) {
      for (const dialect of ['mysql', 'standard', 'unknown'] as const) {
        withoutLiterals(piece.repeat(20_000), dialect)
      }
    }
  })
})

describe('URLs', () => {
  for (const [url, want] of [
    ['/users/123/orders', '/users/*/orders'],
    ['https://me:pw@shop.example/items/9f86d081884c7d65?token=a', 'https://shop.example/items/*'],
    ['/v1/users/{id}', '/v1/users/{id}'],
    ['/a#b', '/a'],
    ['', ''],
  ] as const) {
    test(url, () => assert.equal(withoutIds(url), want))
  }
})

const family = (name: string, attributes = ['db.statement']) => ({
  db_sanitizer: { [name]: { enabled: true, attributes } },
})

const OF_SPANS = { ofLogs: false }

/** A statement of a span after redaction. */
function statement(settings: object, system: string, text: string): string {
  const redactor = new Redactor(schema.parse({ allow_all_keys: true, ...settings }), OF_SPANS)
  const attributes = [string('db.system', system), string('db.statement', text)]
  const [, after] = redactor.attributes(attributes)
  return after?.value.kind === 'string' ? after.value.value : ''
}

describe('statements', () => {
  for (const [settings, system, text, want] of [
    [family('sql'), 'mysql', 'SELECT "a" FROM t', 'SELECT ? FROM t'],
    [family('sql'), 'PostgreSQL', 'SELECT "a" FROM t LIMIT 5', 'SELECT "a" FROM t LIMIT ?'],
    [family('sql'), 'redis', 'SET a 1', 'SET a 1'],
    [family('sql', ['other']), 'mysql', 'SELECT 1', 'SELECT 1'],
    [family('sql', []), 'mysql', 'SELECT 1', 'SELECT 1'],
    [family('redis'), 'redis', 'SET user:123 john', 'SET user:123 ?'],
    [family('redis'), 'redis', 'GET user:123', 'GET user:123'],
    [family('redis'), 'redis', 'AUTH me secret', 'AUTH ?'],
    [family('redis'), 'redis', 'hset "a b" f v\nincr c', 'hset "a b" ?\nincr c'],
    [family('redis'), 'redis', 'FT.UNKNOWN a b', 'FT.UNKNOWN ?'],
    [family('valkey'), 'valkey', 'SET key value', 'SET key ?'],
    [family('memcached'), 'memcached', 'set k 0 60 6\r\nsecret\r\n', 'set k 0 60 6'],
    [family('memcached'), 'memcached', 'get k\r\n', 'get k\r\n'],
    [
      family('mongo'),
      'mongodb',
      '{"find": "users", "filter": {"name": "john", "ids": [1, null]}}',
      '{"find":"?","filter":{"name":"?","ids":["?","?"]}}',
    ],
    [family('mongo'), 'mongodb', '{"find": "users", "fil', '?'],
    [family('es'), 'elasticsearch', '{"index":{}}\n{"a":1}\n', '{"index":{}}\n{"a":"?"}\n'],
    [family('opensearch'), 'opensearch', '{"q":"x"}', '{"q":"?"}'],
    [family('sql'), '', 'SELECT 1', 'SELECT 1'],
  ] as const) {
    test(`${system}: ${text}`, () => assert.equal(statement(settings, system, text), want))
  }
})

describe('names of spans', () => {
  const URLS = { url_sanitizer: { enabled: true } }
  const quiet = (part: object) => ({ ...part, sanitize_span_name: false })
  for (const [name, settings, more, want] of [
    ['GET /users/123', URLS, { kind: 2 }, 'GET /users/*'],
    ['GET /users/123', { url_sanitizer: quiet(URLS.url_sanitizer) }, { kind: 2 }, 'GET /users/123'],
    ['GET /users/123', URLS, { kind: 1 }, 'GET /users/123'],
    ['/123', URLS, { kind: 2 }, '/123'],
    ['GET /users/123', { ...URLS, allowed_values: ['/users'] }, { kind: 2 }, 'GET /users/123'],
    [
      "SELECT 'a'",
      family('sql'),
      { kind: 3, attributes: [string('db.system.name', 'postgresql')] },
      'SELECT ?',
    ],
    [
      'FT.SEARCH idx',
      family('redis'),
      { kind: 3, attributes: [string('db.system', 'redis')] },
      'FT.SEARCH idx',
    ],
    ["SELECT 'a'", family('sql'), { kind: 3, attributes: [] }, "SELECT 'a'"],
    [
      "SELECT 'a'",
      { db_sanitizer: quiet(family('sql').db_sanitizer) },
      { kind: 3, attributes: [string('db.system', 'mysql')] },
      "SELECT 'a'",
    ],
  ] as const) {
    test(`${name}, ${JSON.stringify(settings)}, kind ${more.kind}`, () => {
      const redactor = new Redactor(schema.parse({ allow_all_keys: true, ...settings }), OF_SPANS)
      assert.equal(redactor.spanName(span({ name, ...more })), want)
    })
  }
})
