import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { int, string } from '../data/attributes.ts'
import { Frame } from './frame.ts'
import { convertersOf } from './functions/standard.ts'
import { compileProgram } from './program.ts'

function frame(): Frame {
  const made = new Frame()
  made.resource = {
    ...made.resource,
    attributes: [string('service.name', 'shop'), string('zone', 'eu')],
  }
  made.scope = { ...made.scope, name: 'http', version: '1.2' }
  made.span = {
    ...made.span,
    name: 'GET /items',
    kind: 2,
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    traceState: 'a=1,b=2',
    start: [1_700_000_000, 5],
    end: [1_700_000_001, 5],
    status: { code: 2, message: 'boom' },
    attributes: [
      string('http.request.method', 'GET'),
      int('http.response.status_code', 503),
      { key: 'ratio', value: { kind: 'double', value: 0.5 } },
      { key: 'ok', value: { kind: 'bool', value: true } },
      {
        key: 'nested',
        value: {
          kind: 'kvlist',
          value: [{ key: 'a', value: { kind: 'array', value: [{ kind: 'int', value: 7 }] } }],
        },
      },
      { key: 'empty', value: { kind: 'empty' } },
    ],
  }
  return made
}

const holds = (condition: string): boolean => {
  const source = { signal: 'traces', context: 'span', conditions: [condition] } as const
  const [compiled] = compileProgram(source, convertersOf).conditions
  return compiled?.run(frame()) === true
}

describe('OTTL conditions', () => {
  const cases: [condition: string, want: boolean][] = [
    ['name == "GET /items"', true],
    ['span.name == "GET /items"', true],
    ['resource.attributes["service.name"] == "shop"', true],
    ['instrumentation_scope.name == "http" and scope.version != "2"', true],
    ['attributes["http.response.status_code"] >= 500', true],
    ['attributes["http.response.status_code"] == 503.0', true],
    ['attributes["http.response.status_code"] == "503"', false],
    ['attributes["http.response.status_code"] != "503"', true],
    ['attributes["missing"] == nil', true],
    ['nil == attributes["missing"]', true],
    ['attributes["empty"] == nil', true],
    ['attributes["missing"] != nil', false],
    ['attributes["missing"] < 3', false],
    ['attributes["missing"] <= nil', true],
    ['attributes["missing"] < nil', false],
    ['attributes["ok"] == true', true],
    ['attributes["nested"]["a"][0] == 7', true],
    ['attributes["nested"] == {"a": [7]}', true],
    ['kind == SPAN_KIND_SERVER', true],
    ['kind.string == "Server"', true],
    ['kind.deprecated_string == "SPAN_KIND_SERVER"', true],
    ['status.code == STATUS_CODE_ERROR and status.message == "boom"', true],
    ['trace_id.string == "0af7651916cd43dd8448eb211c80319c"', true],
    ['span_id == SpanID(0xb7ad6b7169203331)', true],
    ['trace_state["b"] == "2"', true],
    ['IsRootSpan()', true],
    ['not IsRootSpan()', false],
    ['true and not false', true],
    ['false or (true and not (false or false))', true],
    ['IsMatch(name, "^GET ") and not IsMatch(name, "POST")', true],
    ['IsMatch(attributes["missing"], ".*")', false],
    ['IsMatch(attributes["http.response.status_code"], "^5..$")', true],
    ['end_time - start_time == Duration("1s")', true],
    ['end_time_unix_nano - start_time_unix_nano > 999999999', true],
    ['(attributes["http.response.status_code"] - 3) / 100 == 5', true],
    ['1 + 2 * 3 == 7', true],
    ['(1 + 2) * 3 == 9', true],
    ['-1 < 0', true],
    ['7 / 2 == 3', true],
    ['7 / 2.0 == 3.5', true],
    ['attributes["ratio"] * 2 == 1', true],
    ['Split("a,b,c", ",")[1] == "b"', true],
    ['"a\\"b" == "a\\x22b"', true],
    ['0x0aff == 0x0AFF', true],
    ['"abc" < "abd"', true],
    ['start_time < Now()', true],
    ['attributes[Concat(["http", "request", "method"], ".")] == "GET"', true],
    ['Len(attributes) == 6', true],
  ]
  for (const [condition, want] of cases) {
    test(condition, () => assert.equal(holds(condition), want))
  }
})

describe('OTTL syntax faults', () => {
  const cases: [condition: string, want: RegExp][] = [
    ['name = "x"', /1:6: unexpected "=", expected == to compare/],
    ['nam == "x"', /1:1: span has no field "nam" \(did you mean "name"\?\); it has trace_id/],
    [
      'IsMatc(name, "x")',
      /1:1: undefined converter "IsMatc" in context span \(did you mean "IsMatch"\?\)/,
    ],
    [
      'kind == SPAN_KIND_SERVR',
      /1:9: unknown enum "SPAN_KIND_SERVR" \(did you mean "SPAN_KIND_SERVER"\?\)/,
    ],
    ['name == "x', /1:9: this text has no closing quote/],
    ['name == "a\\.b"', /1:11: "\\." is no escape/],
    ['IsMatch(name, "(")', /1:15: IsMatch: pattern: "\(" is no regular expression/],
    ['IsMatch(name)', /1:1: IsMatch needs the argument "pattern"/],
    ['IsMatch(name, "a", "b")', /1:20: too many arguments, it is IsMatch\(target, pattern\)/],
    [
      'IsMatch(name, patern="a")',
      /1:15: IsMatch has no parameter "patern" \(did you mean "pattern"\?\)/,
    ],
    ['IsMatch(name, 1)', /1:15: IsMatch: pattern: expected string but got int64/],
    ['name == "x" and\n  kin == 1', /2:3: span has no field "kin" \(did you mean "kind"\?\)/],
    ['metric.name == "x"', /1:1: metric is out of reach of the context span/],
    ['set(name, "x") == 1', /1:1: "set" is an editor, which gives no value/],
    ['name', /1:5: unexpected the end of the text, expected a comparison/],
    ['name == "x" name', /1:13: unexpected "name", expected "and", "or" or the end/],
    ['resource.cache["a"] == 1', /1:10: each context has its own cache: write "span.cache"/],
    ['name == #', /1:9: unexpected "#"/],
    [`${'('.repeat(200)}true${')'.repeat(200)}`, /nested too deeply/],
    [`name == ${'['.repeat(5000)}`, /nested too deeply/],
  ]
  for (const [condition, want] of cases) {
    test(condition.slice(0, 40), () => assert.throws(() => holds(condition), want))
  }

  test('all faults of all texts are told at once', () => {
    const source = {
      signal: 'traces',
      context: 'span',
      conditions: ['nam == 1', 'kin == 2'],
    } as const
    assert.throws(
      () => compileProgram(source, convertersOf),
      /conditions\[0\].*\n.*conditions\[1\]/,
    )
  })
})

describe('OTTL context inference', () => {
  const cases: [signal: 'traces' | 'metrics' | 'logs', condition: string, want: string][] = [
    ['traces', 'resource.attributes["a"] == 1', 'resource'],
    ['traces', 'scope.name == "a" and resource.attributes["a"] == 1', 'scope'],
    ['traces', 'span.name == "a" and resource.attributes["a"] == 1', 'span'],
    ['traces', 'spanevent.name == "a" and span.name == "b"', 'spanevent'],
    ['traces', 'IsRootSpan()', 'span'],
    ['metrics', 'metric.name == "a"', 'metric'],
    ['metrics', 'datapoint.attributes["a"] == "b" and metric.name == "c"', 'datapoint'],
    ['logs', 'log.body == "x"', 'log'],
    ['logs', 'instrumentation_scope.name == "x"', 'scope'],
  ]
  for (const [signal, condition, want] of cases) {
    test(`${signal}: ${condition}`, () => {
      const program = compileProgram({ signal, conditions: [condition] }, convertersOf)
      assert.equal(program.context, want)
    })
  }

  test('without a context a path needs its prefix', () => {
    assert.throws(
      () => compileProgram({ signal: 'logs', conditions: ['body == "x"'] }, convertersOf),
      /missing context name for path "body", possible options are: "log.body"/,
    )
  })
})
