import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import {
  anyResourceLogs,
  anyResourceMetrics,
  anyResourceSpans,
} from '../../test/support/arbitraries.ts'
import { fc } from '../../test/support/fast_check.ts'
import { resourceSpans, span, spans } from '../../test/support/telemetry.ts'
import { type Attribute, type Attributes, string } from '../data/attributes.ts'
import { type Batch, logBatch, metricBatch, traceBatch } from '../data/batch.ts'
import { scanRequest } from '../data/request.ts'
import { MAX_DEPTH } from './decode_common.ts'
import { logsCodec, metricsCodec, type SignalCodec, tracesCodec } from './signal_codec.ts'

/** The batch of some bytes, and what decoding all of it lost. */
function scanned<R>(codec: SignalCodec<R>, bytes: Uint8Array) {
  const losses: [string, number][] = []
  const result = scanRequest(codec, bytes, (loss, n) => losses.push([loss, n]))
  if (result.kind === 'invalid') return { losses, reason: result.reason }
  return { losses, batch: result.batch, resources: result.batch.resources() }
}

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')

/** Drops, replaces, doubles or keeps each attribute, and adds one to some lists: the very list if nothing changes. */
function edited(attributes: Attributes, choose: (one: Attribute) => number): Attributes {
  const after = attributes.flatMap((one) => {
    const what = choose(one)
    if (what === 0) return []
    if (what === 1) return string(one.key, 'replaced')
    return what === 2 ? [one, string('after', one.key)] : one
  })
  if (attributes.length % 3 === 1) after.push(string('added', 'value'))
  const same = after.length === attributes.length && after.every((one, i) => one === attributes[i])
  return same ? attributes : after
}

function suite<R>(
  signal: string,
  codec: SignalCodec<R>,
  resources: fc.Arbitrary<R>,
  batchOf: (data: readonly R[]) => Batch<R>,
): void {
  const lists = fc.array(resources, { maxLength: 3 })

  describe(`${signal} in protobuf`, () => {
    test('what was encoded is decoded the same, and counted without decoding', () => {
      fc.assert(
        fc.property(lists, (list) => {
          const batch = batchOf(list)
          const { batch: again, resources: decoded, losses } = scanned(codec, batch.toProtobuf())
          assert.equal(again?.count, batch.count)
          assert.deepEqual(decoded, list)
          assert.deepEqual(losses, [])
        }),
      )
    })

    test('bytes are divided as decoded items are', () => {
      fc.assert(
        fc.property(lists, fc.nat(), (list, random) => {
          const batch = batchOf(list)
          const at = batch.count === 0 ? 0 : random % batch.count
          const { batch: bytes } = scanned(codec, batch.toProtobuf())
          const resourcesOf = (part: Batch<R>) => part.resources()
          assert.deepEqual(bytes?.divide(at).map(resourcesOf), batch.divide(at).map(resourcesOf))
          assert.deepEqual(
            bytes?.divide(at).map((part) => scanned(codec, part.toProtobuf()).batch?.count),
            [at, batch.count - at],
          )
        }),
      )
    })

    test('another resource leaves the items as they are, in bytes as decoded', () => {
      const other = { attributes: [string('k', 'v')], droppedAttributesCount: 7 }
      fc.assert(
        fc.property(lists, (list) => {
          const batch = batchOf(list).mapResources(() => other)
          const { batch: bytes } = scanned(codec, batchOf(list).toProtobuf())
          const changed = bytes?.mapResources((resource) => {
            assert(list.some((one) => isDeepStrictEqual(codec.resource(one), resource)))
            return other
          })
          assert.deepEqual(
            scanned(codec, changed?.toProtobuf() ?? hex('ff')).resources,
            batch.resources(),
          )
          assert.equal(bytes?.mapResources((resource) => resource).count, batch.count)
        }),
      )
    })

    test('attributes change in bytes as they do decoded', () => {
      fc.assert(
        fc.property(lists, fc.func(fc.nat(4)), (list, choose) => {
          const change = (attributes: Attributes) => edited(attributes, ({ key }) => choose(key))
          const result = scanRequest(codec, batchOf(list).toProtobuf(), () => undefined)
          assert(result.kind === 'batch')
          const mapped = result.batch.mapAttributes(change)
          assert.deepEqual(
            scanned(codec, mapped.toProtobuf()).resources,
            batchOf(list).mapAttributes(change).resources(),
          )
          assert.equal(
            result.batch.mapAttributes((attributes) => attributes),
            result.batch,
          )
        }),
      )
    })

    test('damaged bytes are refused, or decoded without a fault; nothing throws', () => {
      const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 })
      fc.assert(
        fc.property(lists, damage, fc.nat(), (list, changes, cut) => {
          const bytes = Buffer.from(batchOf(list).toProtobuf())
          for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value
          const part = bytes.subarray(0, bytes.length - (cut % 5))
          const { batch, resources: decoded } = scanned(codec, part)
          if (batch === undefined || decoded === undefined) return
          assert.equal(
            batch.count,
            decoded.reduce((sum, one) => sum + codec.count(one), 0),
          )
        }),
        { numRuns: 200 },
      )
    })

    test('any bytes are refused, or decoded without a fault; nothing throws', () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
          scanned(codec, bytes)
        }),
        { numRuns: 1000 },
      )
    })
  })
}

suite('traces', tracesCodec, anyResourceSpans, traceBatch)
suite('metrics', metricsCodec, anyResourceMetrics, metricBatch)
suite('logs', logsCodec, anyResourceLogs, logBatch)

describe('hostile protobuf', () => {
  const rows: [name: string, bytes: string, reason: RegExp][] = [
    [
      'a length beyond the end',
      '0a ff ff ff ff 0f 00',
      /length 4294967295 goes beyond the message/,
    ],
    ['a length beyond its message', '0a 04 12 7f 12 00', /length 127 goes beyond the message/],
    ['an endless varint as tag', 'ff ff ff ff ff ff ff ff ff ff ff', /varint/],
    ['an endless varint within', '0a 0c 0a 0a 10 ff ff ff ff ff ff ff ff ff', /varint|beyond/],
    ['field number 0', '00 00', /field number 0/],
    ['field number 0 within', '0a 02 02 00', /field number 0/],
    ['a group', '0a 01 23', /wire type 3/],
    ['resource spans as a number', '08 01', /wire type 0 for field 1/],
    [
      'a trace id of 15 bytes',
      '0a 15 12 13 12 11 0a 0f 000102030405060708090a0b0c0d0e',
      /an id of 15 bytes instead of 16/,
    ],
    [
      'a span id of 16 bytes',
      '0a 16 12 14 12 12 12 10 000102030405060708090a0b0c0d0e0f',
      /an id of 16 bytes instead of 8/,
    ],
    ['a name that is a number', '0a 06 12 04 12 02 28 01', /wire type 0 for a field of another/],
    ['a time that is cut', '0a 07 12 05 12 03 39 00 00', /ends within a field/],
  ]
  for (const [name, bytes, reason] of rows) {
    test(`${name} is refused`, () => {
      assert.match(scanned(tracesCodec, hex(bytes)).reason ?? 'accepted', reason)
    })
  }

  const accepted: [name: string, bytes: string, count: number][] = [
    ['nothing', '', 0],
    ['empty ids', '0a 08 12 06 12 04 0a 00 12 00', 1],
    ['an unknown field of each kind', '0a 11 12 0f 12 0d a0 06 01 a5 06 00000000 a2 06 01 ff', 1],
    ['a field number beyond 32 bits of the table', '0a 04 c2 3e 01 00', 0],
    ['an overlong length', '0a 82 80 00 1a 00', 0],
  ]
  for (const [name, bytes, count] of accepted) {
    test(`${name} is accepted`, () => {
      const { batch, reason } = scanned(tracesCodec, hex(bytes))
      assert.equal(reason, undefined)
      assert.equal(batch?.count, count)
    })
  }

  test('cut at every byte, valid spans are refused or fewer', () => {
    const bytes = spans(3).toProtobuf()
    for (let end = 0; end < bytes.length; end++) {
      const { batch } = scanned(tracesCodec, bytes.subarray(0, end))
      assert(end === 0 || batch === undefined, `cut after ${end} bytes`)
    }
  })

  const field = (tag: number, body: Uint8Array) => {
    const length = [
      (body.length & 0x7f) | 0x80,
      ((body.length >> 7) & 0x7f) | 0x80,
      body.length >> 14,
    ]
    return Buffer.concat([Uint8Array.of(tag, ...length), body])
  }
  /** An attribute whose value has arrays and key-value lists in turn, `depth` of them, around `true`. */
  const nested = (depth: number): Buffer => {
    let value: Buffer = hex('10 01')
    for (let i = 0; i < depth; i++) {
      const inner = field(i % 2 === 0 ? 0x0a : 0x12, value)
      value = i % 2 === 0 ? field(0x2a, inner) : field(0x32, field(0x0a, inner))
    }
    return field(0x12, value)
  }
  const depths: [depth: number, kept: number][] = [
    [MAX_DEPTH - 1, 2],
    [MAX_DEPTH, 1],
    [5000, 1],
  ]
  for (const [depth, kept] of depths) {
    test(`an attribute with ${depth} values in each other: ${kept} of 2 attributes stay`, () => {
      const attribute = (body: Uint8Array) => field(0x4a, body)
      const ok = hex('0a 02 6f 6b')
      const one = Buffer.concat([attribute(nested(depth)), attribute(ok)])
      const request = field(0x0a, field(0x12, field(0x12, one)))
      const { resources: decoded, losses } = scanned(tracesCodec, request)
      const attributes = decoded?.[0]?.scopeSpans[0]?.spans[0]?.attributes ?? []
      assert.equal(attributes.length, kept)
      assert.deepEqual(attributes.at(-1), { key: 'ok', value: { kind: 'empty' } })
      assert.deepEqual(losses, kept === 2 ? [] : [['attribute_nested_too_deep', 1]])
    })
  }

  test('invalid UTF-8 is repaired and counted, a real U+FFFD is not', () => {
    const bytes = Buffer.from(
      traceBatch([resourceSpans([span({ name: 'a\ufffdb' }), span({ name: 'XY' })])]).toProtobuf(),
    )
    bytes[bytes.indexOf('XY')] = 0xff
    const { resources: decoded, losses } = scanned(tracesCodec, bytes)
    assert.deepEqual(
      decoded?.[0]?.scopeSpans[0]?.spans.map((one) => one.name),
      ['a\ufffdb', '\ufffdY'],
    )
    assert.deepEqual(losses, [['invalid_utf8', 1]])
  })

  test('unknown fields survive while nobody looks', () => {
    const bytes = hex('0a 11 12 0f 12 0d a0 06 01 a5 06 00000000 a2 06 01 ff')
    const { batch } = scanned(tracesCodec, bytes)
    assert.deepEqual(Buffer.from(batch?.toProtobuf() ?? []), bytes)
  })
})
