import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { resultOf } from './testing.ts'

type Case = [expression: string, want: unknown]

const suites: Readonly<Record<string, Case[]>> = {
  types: [
    ['IsString(attributes["s"])', true],
    ['IsString(attributes["n"])', false],
    ['IsInt(attributes["n"])', true],
    ['IsDouble(1.5)', true],
    ['IsBool(true)', true],
    ['IsMap(attributes["map"])', true],
    ['IsMap(attributes["missing"])', false],
    ['IsList(attributes["list"])', true],
    ['Int("12")', 12],
    ['Int("x")', undefined],
    ['Int(3.9)', 3],
    ['Int(true)', 1],
    ['Double("1.5")', 1.5],
    ['Double(2)', 2],
    ['Bool("true")', true],
    ['Bool(0)', false],
    ['String(42)', '42'],
    ['String(attributes["map"])', '{"k":"v","n":1}'],
    ['String(attributes["missing"])', undefined],
  ],
  texts: [
    ['Concat(["a", attributes["n"], nil], "-")', 'a-42-<nil>'],
    ['Split("a|b", "|")', ['a', 'b']],
    ['ConvertCase(attributes["s"], "lower")', 'hello world'],
    ['ConvertCase("someHTTPThing", "snake")', 'some_http_thing'],
    ['ConvertCase("some_thing", "camel")', 'SomeThing'],
    ['ToUpperCase("a")', 'A'],
    ['ToLowerCase("A")', 'a'],
    ['HasPrefix(attributes["s"], "Hello")', true],
    ['HasSuffix(attributes["s"], "Hello")', false],
    ['Trim("  a ")', 'a'],
    ['Trim("xxaxx", "x")', 'a'],
    ['TrimPrefix("abc", "a")', 'bc'],
    ['TrimSuffix("abc", "c")', 'ab'],
    ['Substring("abcdef", 1, 3)', 'bcd'],
    ['Format("%s has %03d of %.2f%%", ["a", 7, 1.5])', 'a has 007 of 1.50%'],
    ['Format("%x", [255])', 'ff'],
    ['Len("abc")', 3],
    ['Len(attributes["list"])', 3],
    ['ParseInt("0ff", 16)', 255],
  ],
  lists: [
    ['Sort(attributes["list"])', ['a', 'b', 'c']],
    ['Sort(attributes["numbers"], "desc")', [3, 2, 1]],
    ['Index(attributes["list"], "a")', 2],
    ['Index("hello", "ll")', 2],
    ['ContainsValue(attributes["list"], "c")', true],
    ['ContainsValue(attributes["list"], "z")', false],
    ['Keys(attributes["map"])', ['k', 'n']],
    ['Values(attributes["map"])', ['v', 1]],
    ['Coalesce([attributes["missing"], "x"])', 'x'],
    ['SliceToMap(attributes["people"], ["id"], ["v", "x"])', { a: 1, b: 2 }],
    ['SliceToMap(attributes["list"])', { 0: 'b', 1: 'c', 2: 'a' }],
  ],
  parsing: [
    ['ParseJSON(attributes["json"])', { a: { b: [1, 'x', undefined, true] } }],
    ['ParseJSON(attributes["json"])["a"]["b"][1]', 'x'],
    ['ExtractPatterns("GET /a", "(?P<verb>\\\\w+) (?P<path>.*)")', { verb: 'GET', path: '/a' }],
    ['ExtractPatterns("", "x(?P<verb>\\\\w+)")', {}],
    ['ParseKeyValue("a=1 b=\\"x y\\"")', { a: '1', b: 'x y' }],
    ['ParseKeyValue("a:1!b:2", ":", "!")', { a: '1', b: '2' }],
    ['ToKeyValueString(attributes["map"])', 'k=v n=1'],
    ['ParseCSV("1,\\"a,b\\"", "x,y")', { x: '1', y: 'a,b' }],
    ['URL("https://u:p@h.example:8080/a.txt?q=1#f")["url.port"]', 8080],
    ['URL("https://u:p@h.example:8080/a.txt?q=1#f")["url.extension"]', 'txt'],
  ],
  hashes: [
    ['MD5("a")', '0cc175b9c0f1b6a831c399e269772661'],
    ['SHA1("a")', '86f7e437faa5a7fce15d1ddcb9eaeaea377667b8'],
    ['SHA256("a")', 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb'],
    ['FNV("hello world")', 8618312879776256743n],
    ['FNV("a")', -5808556873153909620n],
    ['Hex(1)', '0000000000000001'],
    ['Base64Decode("aGVsbG8=")', 'hello'],
    ['Base64Encode("hello")', 'aGVsbG8='],
    ['Decode("aGVsbG8=", "base64")', 'hello'],
    ['String(SpanID(0x0af7651916cd43dd))', '[10,247,101,25,22,205,67,221]'],
    ['Len(UUID())', 36],
    ['Len(UUIDv7())', 36],
  ],
  times: [
    ['UnixMilli(time)', 1_700_000_000_123],
    ['UnixSeconds(time)', 1_700_000_000],
    ['UnixNano(time)', 1_700_000_000_123_456_789n],
    ['Year(time)', 2023],
    ['Month(time)', 11],
    ['Day(time)', 14],
    ['Hour(time)', 22],
    ['Minute(time)', 13],
    ['Second(time)', 20],
    ['Weekday(time)', 2],
    ['Nanosecond(time)', 123_456_789],
    ['Seconds(Duration("1m30s"))', 90],
    ['Milliseconds(Duration("1.5s"))', 1500],
    ['Hours(Duration("90m"))', 1.5],
    ['UnixSeconds(Unix(5))', 5],
    ['UnixSeconds(Time("2024-02-29T12:00:00+01:00", "%Y-%m-%dT%H:%M:%S%z"))', 1_709_204_400],
    [
      'UnixSeconds(Time("29 Feb 2024 06:00 AM", "%d %b %Y %I:%M %p", "America/New_York"))',
      1_709_204_400,
    ],
    ['FormatTime(time, "%Y-%m-%d %H:%M:%S.%L")', '2023-11-14 22:13:20.123'],
    ['UnixSeconds(TruncateTime(time, Duration("1h")))', 1_699_999_200],
    ['UnixNano(time + Duration("1ns"))', 1_700_000_000_123_456_790n],
  ],
  checks: [
    ['IsInCIDR("10.1.2.3", ["10.0.0.0/8"])', true],
    ['IsInCIDR("11.1.2.3", ["10.0.0.0/8", "fe80::/10"])', false],
    ['IsValidLuhn("17893729974")', true],
    ['IsValidLuhn("17893729975")', false],
    ['Log(1)', 0],
    ['SEVERITY_NUMBER_ERROR2', 18],
    ['attributes["n"] + 1', 43],
    ['9223372036854775807 + 1', -9223372036854775808n],
    ['{"a": [1, {"b": "c"}]}', { a: [1, { b: 'c' }] }],
  ],
}

for (const [name, cases] of Object.entries(suites)) {
  describe(`OTTL converters: ${name}`, () => {
    for (const [expression, want] of cases) {
      test(expression, () => assert.deepEqual(resultOf(expression), want))
    }
  })
}

describe('OTTL converters that cannot', () => {
  const cases: [expression: string, want: RegExp][] = [
    ['ParseJSON("{")', /ParseJSON/],
    ['ParseInt("9", 8)', /no number of base 8/],
    ['Split(attributes["n"], ",")', /Split: target: expected string but got int64/],
    ['1 / 0', /attempted to divide by 0/],
    ['"a" + 1', /cannot calculate string \+ int64/],
    ['Duration("1 hour")', /is no duration/],
    ['Time("x", "%Y")', /is not of the form "%Y"/],
    ['Substring("abc", 2, 5)', /out of range/],
    ['attributes["list"][9]', /out of bounds/],
    ['attributes["s"]["x"]', /a string has no key of type string/],
    ['Base64Decode("!")', /no base64/],
    ['ConvertCase("a", "wide")', /unknown value "wide", allowed are lower, upper, snake, camel/],
    ['IsInCIDR("1.2.3.4", ["1.2.3.4/99"])', /is no network/],
    ['ExtractPatterns("a", "(a)")', /has no named group/],
  ]
  for (const [expression, want] of cases) {
    test(expression, () => assert.throws(() => resultOf(expression), want))
  }
})
