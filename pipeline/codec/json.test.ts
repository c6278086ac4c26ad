import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  anyResourceLogs,
  anyResourceMetrics,
  anyResourceSpans,
} from '../../test/support/arbitraries.ts'
import { fc } from '../../test/support/fast_check.ts'
import { type Batch, logBatch, metricBatch, traceBatch } from '../data/batch.ts'
import { readJsonRequest } from '../data/request.ts'
import { logsCodec, metricsCodec, type SignalCodec, tracesCodec } from './signal_codec.ts'

function read<R>(codec: SignalCodec<R>, json: string | Buffer) {
  const losses: [string, number][] = []
  const result = readJsonRequest(codec, Buffer.from(json), (loss, n) => losses.push([loss, n]))
  if (result.kind === 'invalid') return { losses, reason: result.reason }
  return { losses, resources: result.batch.resources() }
}

function suite<R>(
  signal: string,
  codec: SignalCodec<R>,
  resources: fc.Arbitrary<R>,
  batchOf: (data: readonly R[]) => Batch<R>,
): void {
  const lists = fc.array(resources, { maxLength: 3 })

  describe(`${signal} in JSON`, () => {
    test('what was encoded is decoded the same', () => {
      fc.assert(
        fc.property(lists, (list) => {
          assert.deepEqual(read(codec, batchOf(list).toJson()), { losses: [], resources: list })
        }),
      )
    })

    test('other JSON is refused or read; nothing throws', () => {
      fc.assert(
        fc.property(fc.json(), lists, fc.nat(), fc.nat(255), (json, list, at, value) => {
          read(codec, json)
          read(codec, `{"${codec.jsonMember}":[${json}]}`)
          const damaged = Buffer.from(batchOf(list).toJson())
          damaged[at % damaged.length] = value
          read(codec, damaged)
        }),
      )
    })
  })
}

suite('traces', tracesCodec, anyResourceSpans, traceBatch)
suite('metrics', metricsCodec, anyResourceMetrics, metricBatch)
suite('logs', logsCodec, anyResourceLogs, logBatch)

/** The one span of a request whose span is `span` in JSON. */
function spanOf(span: string) {
  const { resources, reason } = read(
    tracesCodec,
    `{"resourceSpans":[{"scopeSpans":[{"spans":[${span}]}]}]}`,
  )
  return { span: resources?.[0]?.scopeSpans[0]?.spans[0], reason }
}

describe('JSON of other senders', () => {
  const rows: [name: string, span: string, expected: object][] = [
    [
      'ids in upper case',
      '{"traceId":"0AF7651916CD43DD8448EB211C80319C"}',
      { traceId: '0af7651916cd43dd8448eb211c80319c' },
    ],
    ['an enum by its name', '{"kind":"SPAN_KIND_CLIENT"}', { kind: 3 }],
    ['an enum by its number', '{"kind":3}', { kind: 3 }],
    [
      'a time as a string',
      '{"startTimeUnixNano":"1700000000000000005"}',
      { start: [1_700_000_000, 5] },
    ],
    [
      'a time as a number that no double holds',
      '{"startTimeUnixNano": 1700000000000000005}',
      { start: [1_700_000_000, 5] },
    ],
    [
      'names in snake case',
      '{"start_time_unix_nano":"5","dropped_links_count":"2"}',
      { start: [0, 5], droppedLinksCount: 2 },
    ],
    ['names that nobody knows', '{"name":"a","colour":{"deep":[1]}}', { name: 'a' }],
    [
      'null for objects, lists and texts',
      '{"name":null,"attributes":null,"status":null}',
      { name: '', attributes: [] },
    ],
    [
      'an int64 at its limit, as a number',
      '{"attributes":[{"key":"a","value":{"intValue":-9223372036854775808}}]}',
      { attributes: [{ key: 'a', value: { kind: 'int', value: -(2n ** 63n) } }] },
    ],
    [
      'a whole double, written as a float',
      '{"attributes":[{"key":"a","value":{"doubleValue":2.0}},{"key":"b","value":{"doubleValue":2e3}}]}',
      {
        attributes: [
          { key: 'a', value: { kind: 'double', value: 2 } },
          { key: 'b', value: { kind: 'double', value: 2000 } },
        ],
      },
    ],
  ]
  for (const [name, json, expected] of rows) {
    test(name, () => {
      const { span, reason } = spanOf(json)
      assert.equal(reason, undefined)
      for (const [key, value] of Object.entries(expected)) {
        assert.deepEqual(span?.[key as keyof typeof span], value)
      }
    })
  }

  const at = 'request\\.resourceSpans\\[0\\]\\.scopeSpans\\[0\\]\\.spans\\[0\\]'
  const refused: [name: string, span: string, reason: RegExp][] = [
    [
      'a trace id of 31 digits',
      `{"traceId":"${'0'.repeat(31)}"}`,
      new RegExp(`^${at}\\.traceId: expected 32 hexadecimal digits, got "0`),
    ],
    ['a trace id that is not hex', `{"traceId":"${'g'.repeat(32)}"}`, /32 hexadecimal digits/],
    ['null as an id', '{"spanId":null}', /expected 16 hexadecimal digits, got null/],
    ['null as a number', '{"flags":null}', /whole number/],
    ['a digit in quotes for an enum', '{"kind":"3"}', /SPAN_KIND_CLIENT/],
    ['a negative time', '{"endTimeUnixNano":-1}', /whole number from 0/],
    ['a time beyond 64 bits', '{"endTimeUnixNano":"18446744073709551616"}', /whole number from 0/],
    ['a float for an enum', '{"kind":2.0}', /kind: expected a whole number .* got "2.0"/],
    ['a float for an int64', '{"attributes":[{"key":"a","value":{"intValue":1e2}}]}', /"1e2"/],
    ['null for a bool', '{"attributes":[{"key":"a","value":{"boolValue":null}}]}', /true or false/],
    ['a fraction for a count', '{"droppedEventsCount":1.5}', /whole number/],
    ['a number for a name', '{"name":5}', /expected a string, got 5/],
    ['an object for a list', '{"events":{}}', /expected an array, got \{\}/],
    ['a list for an object', '{"status":[]}', /expected an object, got \[\]/],
    [
      'a text for a bool',
      '{"attributes":[{"key":"a","value":{"boolValue":"true"}}]}',
      /true or false/,
    ],
    [
      'what is no number for a double',
      '{"attributes":[{"key":"a","value":{"doubleValue":"x"}}]}',
      /a number/,
    ],
  ]
  for (const [name, json, reason] of refused) {
    test(`${name} is refused`, () => assert.match(spanOf(json).reason ?? 'accepted', reason))
  }

  const broken: [name: string, json: string | Buffer][] = [
    ['nothing', ''],
    ['a byte order mark', '\ufeff{}'],
    ['half of it', '{"resourceSpans":['],
    ['a list with text after it', '[] trailing'],
    ['a list', '[]'],
    ['null', 'null'],
    ['members of the prototype', '{"resourceSpans":[{"__proto__":{"resource":5},"resource":"x"}]}'],
    ['a hundred thousand brackets', '['.repeat(100_000)],
  ]
  for (const [name, json] of broken) {
    test(`${name} is refused`, () => assert.notEqual(read(tracesCodec, json).reason, undefined))
  }

  test('text after a request is ignored', () => {
    const span = '{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"a"}]}]}]}'
    for (const more of [' trailing', '}', '{}', '\u0000', ' 12345678901234567']) {
      assert.deepEqual(read(tracesCodec, `${span}${more}`), read(tracesCodec, span), more)
    }
    assert.deepEqual(read(tracesCodec, '{}{"a":1}'), { losses: [], resources: [] })
  })

  test('an empty request is a batch of nothing', () => {
    assert.deepEqual(read(tracesCodec, '{}'), { losses: [], resources: [] })
  })

  test('an attribute nested too deep is lost and counted', () => {
    const deep = (n: number): string =>
      `${'{"arrayValue":{"values":['.repeat(n)}{"intValue":"1"}${']}}'.repeat(n)}`
    const attributes = [63, 64, 3000].map((n) => `{"key":"k${n}","value":${deep(n)}}`)
    const json = `{"resourceSpans":[{"resource":{"attributes":[${attributes}]}}]}`
    const { losses, resources } = read(tracesCodec, json)
    assert.deepEqual(
      resources?.[0]?.resource.attributes.map((one) => one.key),
      ['k63'],
    )
    assert.deepEqual(losses, [['attribute_nested_too_deep', 2]])
  })

  test('invalid UTF-8 is repaired and counted', () => {
    const json = Buffer.from('{"resourceSpans":[{"schemaUrl":"X"}]}')
    json[json.indexOf('X')] = 0xff
    const { losses, resources } = read(tracesCodec, json)
    assert.equal(resources?.[0]?.schemaUrl, '\ufffd')
    assert.deepEqual(losses, [['invalid_utf8', 1]])
  })
})
