import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compileExpression } from '../../regexp.ts'
import { expandGrok } from '../grok/expand.ts'
import { PATTERNS } from '../grok/patterns.ts'
import { resultOf } from './testing.ts'

const extract = (text: string, pattern: string, more = ', true') =>
  resultOf(`ExtractGrokPatterns(attributes["text"], ${JSON.stringify(pattern)}${more})`, { text })

/** What the whole of a text must match, and what it must not. */
const EXAMPLES: Readonly<
  Record<string, readonly [match: readonly string[], not: readonly string[]]>
> = {
  WORD: [
    ['hello', 'test_data'],
    ['a b', ''],
  ],
  NOTSPACE: [['text-with-dashes'], ['a b']],
  INT: [['123', '-456', '+789'], ['1.5']],
  NUMBER: [['123', '-123.456', '.5'], ['1e']],
  BASE16NUM: [['1a2b', '0x1A2B', '-0x1a'], ['xyz']],
  BASE16FLOAT: [['0x1.a2b3', '1A'], ['g']],
  POSINT: [
    ['1', '456'],
    ['0', '-1'],
  ],
  NONNEGINT: [['0', '456'], ['-1']],
  BOOL: [['true', 'FALSE'], ['yes']],
  QUOTEDSTRING: [['"a \\" b"', "'single'"], ['"open']],
  UUID: [['123e4567-e89b-12d3-a456-426614174000'], ['123e4567']],
  URN: [['urn:isbn:0451450523', 'urn:ietf:rfc:2648'], ['isbn:1']],
  EMAILADDRESS: [['joe.smith+x@example.com'], ['@example.com']],
  MAC: [['00:1a:2B:3c:4d:5e', '00-1A-2B-3C-4D-5E', '001a.2b3c.4d5e'], ['00:1a']],
  IPV4: [['10.0.0.255'], ['10.0.0.256']],
  IPV6: [
    ['::1', 'fe80::1%eth0', '2001:db8::8a2e:370:7334', '::ffff:10.0.0.1', '1:2:3:4:5:6:7:8', '::'],
    ['1:2', 'g::1', '10.0.0.1'],
  ],
  HOSTNAME: [
    ['a', 'node-7.example.com'],
    ['-a', 'a..b'],
  ],
  HOSTPORT: [['example.com:8080'], ['example.com']],
  UNIXPATH: [['/var/log/x.log', '/'], ['var']],
  WINPATH: [['C:\\Users\\joe'], ['/c']],
  TTY: [['/dev/pts/0', '/dev/tty1'], ['/dev/null']],
  URI: [['https://u:p@h.example:8080/a/b?q=1&r=[2]', 'http://h'], ['/a/b']],
  MONTH: [['Jan', 'september'], ['Janu']],
  TIMESTAMP_ISO8601: [['2026-11-21T08:00:00.123Z', '2026-11-21 08:00:00+01:00'], ['2026-11']],
  DATESTAMP: [['21/11/2026 08:00:00', '11-21-26-08:00:00'], ['2026']],
  DATESTAMP_RFC2822: [['Sat, 21 Nov 2026 08:00:00 +0000'], ['Sat 21']],
  HTTPDATE: [['21/Nov/2026:08:00:00 +0000'], ['21/11/2026']],
  SYSLOGTIMESTAMP: [['Nov 21 08:00:00', 'Nov  1 08:00:00'], ['21 Nov']],
  LOGLEVEL: [['WARN', 'error', 'Information'], ['loud']],
}

describe('patterns of Grok', () => {
  test('are all expressions of RE2', () => {
    for (const name of Object.keys(PATTERNS)) {
      compileExpression(expandGrok(`%{${name}}`, new Map(), false).source)
    }
  })

  for (const [name, [match, not]] of Object.entries(EXAMPLES)) {
    test(name, () => {
      const { source } = expandGrok(`^%{${name}}$`, new Map(), true)
      const expression = compileExpression(source)
      const wrong = [
        ...match.filter((text) => !expression.test(text)),
        ...not.filter((text) => expression.test(text)),
      ]
      assert.deepEqual(wrong, [])
    })
  }
})

describe('ExtractGrokPatterns', () => {
  test('names, types, groups of plain expressions, and dots in names', () => {
    assert.deepEqual(
      extract(
        'GET /a 200 0.5 true x',
        '%{WORD:http.method} %{NOTSPACE} %{INT:status:int} %{NUMBER:took:double} %{WORD:kept:boolean} (?P<rest.of>\\w)',
      ),
      { 'http.method': 'GET', status: 200, took: 0.5, kept: true, 'rest.of': 'x' },
    )
  })

  test('without names, all that are patterns', () => {
    assert.deepEqual(extract('a 1', '%{WORD} %{INT:n}', ''), { WORD: 'a', n: '1' })
  })

  test('definitions of its own, within each other', () => {
    const own = ', true, ["USERINFO=%{GREEDYDATA}", "PASSWORD=%{WORD}"]'
    const found = extract(
      'smith:pass123:1001:1000:J Smith',
      '%{USERNAME:user.name}:%{PASSWORD:user.password}:%{USERINFO}',
      own,
    )
    assert.deepEqual(found, { 'user.name': 'smith', 'user.password': 'pass123' })
  })

  test('an access log', () => {
    const line =
      '10.1.1.1 - joe [21/Nov/2026:08:00:00 +0000] "GET /a?b HTTP/1.1" 200 1234 "-" "curl/8.0"'
    assert.deepEqual(extract(line, '%{COMBINEDAPACHELOG}'), {
      'source.address': '10.1.1.1',
      'user.name': 'joe',
      timestamp: '21/Nov/2026:08:00:00 +0000',
      'http.request.method': 'GET',
      'url.original': '/a?b',
      'http.version': '1.1',
      'http.response.status_code': 200,
      'http.response.body.size': 1234,
      'user_agent.original': 'curl/8.0',
    })
  })

  test('a part that took nothing is left out, and of two of one name the last counts', () => {
    assert.deepEqual(extract('a b', '%{WORD:x} %{WORD:x}(?P<y>c?)'), { x: 'b' })
  })

  test('what does not match gives nothing', () => {
    assert.deepEqual(extract('x', '^%{INT:n}$'), {})
  })

  test('a pattern of the item itself', () => {
    const given = { text: 'a 1', pattern: '%{WORD:w}' }
    const call = 'ExtractGrokPatterns(attributes["text"], attributes["pattern"], true)'
    assert.deepEqual(resultOf(call, given), { w: 'a' })
  })

  const bad: [pattern: string, more: string, says: RegExp][] = [
    ['%{WROD:w}', ', true', /there is no pattern "WROD".*WORD/],
    ['%{WORD:w:date}', ', true', /unknown type "date", allowed are int, long/],
    ['%{WORD}', ', true', /no part of it has a name/],
    ['(%{WORD:w}', ', true', /missing closing \)/],
    ['%{A:a}', ', true, ["A=%{B}", "B=%{A}"]', /contain each other without end/],
    ['%{A:a}', ', true, ["A"]', /"A" is not of the form NAME=pattern/],
  ]
  for (const [pattern, more, says] of bad) {
    test(`refuses ${pattern}${more}`, () => assert.throws(() => extract('', pattern, more), says))
  }
})
