/**
 * What the Collector's own transform processor (contrib v0.159.0) gave for the same expressions. Where it gave an error,
 * any error will do.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { resultOf } from './testing.ts'

const results: [expression: string, want: unknown][] = [
  ['String(0x0102)', '0102'],
  ['String(time)', '"2023-11-14T22:13:20.123456789Z"'],
  ['Concat([0x010203, 3.0], ":")', '010203:3'],
  ['Concat(vals=["a", nil], delimiter=",")', 'a,<nil>'],
  ['IsMatch(0x010203, "1")', true],
  ['ToSnakeCase("HTTPServer-v2 fooBar")', 'http_server_v_2_foo_bar'],
  ['ToSnakeCase("2024-02-03T04:05:06Z")', '2024_02_03_t_04:05:06_z'],
  ['ToSnakeCase("<a x=1>")', '<a_x=1>'],
  ['ToCamelCase("HTTPServer-v2 fooBar")', 'HttpserverV2FooBar'],
  ['ConvertCase(target="héllo wörld", to_case="camel")', 'HlloWrld'],
  ['Log(true)', 0],
  ['Log("12.5")', 2.5257286443082556],
  ['Hex(attributes["none"])', ''],
  ['Double("inf")', Number.POSITIVE_INFINITY],
  ['Double("0x1p4")', 16],
  ['Double("1_000")', 1000],
  ['Int("9223372036854775808")', undefined],
  ['ParseInt("0xff", 0)', 255],
  ['ParseInt("017", 0)', 15],
  ['ParseInt("1_000", 0)', 1000],
  ['ParseInt("-9223372036854775808", 10)', -(2n ** 63n)],
  ['Substring("héllo", 0, 2, true)', 'h'],
  ['-attributes["n"]', -42],
  ['-(1 + 2.5)', -3.5],
  ['Index([1.0, 2], 1)', 0],
  ['ContainsValue([1.0], 1)', true],
  ['ParseKeyValue("a=\\"\\" b=x\\"y z\\"")', { a: '', b: 'xy z' }],
  ['ToKeyValueString({"a": {"n": 1}, "b": "", "c": "x y"})', 'a={\\"n\\":1} b= c="x y"'],
  ['FormatTime(Unix(0), "%D|%c|%x|%X")', '01/01/1970|Thu Jan 01 00:00:00 1970|01/01/1970|00:00:00'],
  ['CommunityID("1.2.3.4", 8, "5.6.7.8", 0, "ICMP")', '1:crodRHL2FEsHjbv3UkRrfbs4bZ0='],
  ['IsEmpty("")', true],
  ['IsEmpty(attributes["list"])', false],
  ['IsEmpty(attributes["none"])', true],
  ['Format("%s|%d|%t", [1, "x", 1.5])', '%!s(int64=1)|%!d(string=x)|%!t(float64=1.5)'],
  [
    'Format("%05d|%-5d|%+d|%x|%c|%U|%q", [42, 42, 42, 255, 65, 65, 42])',
    "00042|42   |+42|ff|A|U+0041|'*'",
  ],
  ['Format("%[2]s %[1]s", ["a", "b"])', 'b a'],
  ['Format("%*d", [5, 42])', '   42'],
  ['Format("%v %v %v", [0.1, 12345678.9, nil])', '0.1 1.23456789e+07 <nil>'],
  ['Format("%#x % d %+.2e", [255, 7, 12345.678])', '0xff  7 +1.23e+04'],
  ['Format("100%", [1])', '100%!(NOVERB)%!(EXTRA int64=1)'],
  ['ParseCSV("1,2", "a,a")', { a: '2' }],
  ['Format("%T %v", [1, [1, 2]])', 'int64 [1 2]'],
  [
    'URL("http://example.com")',
    {
      'url.original': 'http://example.com',
      'url.domain': 'example.com',
      'url.scheme': 'http',
      'url.path': '',
    },
  ],
  [
    'URL("/relative/path?x=1")',
    {
      'url.original': '/relative/path?x=1',
      'url.domain': '',
      'url.scheme': '',
      'url.path': '/relative/path',
      'url.query': 'x=1',
    },
  ],
  [
    'URL("HTTP://u:p%40w@[::1]:80/a%20b.TXT?x=%41#f%20g")',
    {
      'url.original': 'http://u:p%40w@[::1]:80/a%20b.TXT?x=%41#f%20g',
      'url.domain': '::1',
      'url.scheme': 'http',
      'url.path': '/a b.TXT',
      'url.query': 'x=%41',
      'url.fragment': 'f g',
      'url.extension': 'TXT',
      'url.user_info': 'u:p%40w',
      'url.username': 'u',
      'url.password': 'p@w',
      'url.port': 80,
    },
  ],
]

const errors = [
  'Double("Hello World")',
  'Double("1e400")',
  'Double(attributes["list"])',
  'Int(time)',
  'Int(attributes["map"])',
  'ParseJSON("1")',
  'ParseJSON("null")',
  'ParseKeyValue("")',
  'Base64Decode("aGVsbG8")',
  'Decode("aGVsbG8", "base64")',
  'TraceID(attributes["none"])',
  'IsValidLuhn("abc")',
  'Substring("hello", 5, 0)',
  'ParseInt("12", 37)',
  'URL("http://h/%zz")',
  'URL("")',
  'time',
  'time - time',
  '-attributes["s"]',
]

describe('OTTL as the Collector evaluates it', () => {
  for (const [expression, want] of results) {
    test(expression, () => assert.deepEqual(resultOf(expression), want))
  }
  for (const expression of errors) {
    test(`${expression} is an error`, () => assert.throws(() => resultOf(expression)))
  }
})
