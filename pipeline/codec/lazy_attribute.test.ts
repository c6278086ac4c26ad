import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { LazyAttribute } from './lazy_attribute.ts'
import { ProtobufReader } from './protobuf_reader.ts'

/** A KeyValue with its length in front, in hex. */
function read(hex: string): { readonly one: LazyAttribute; readonly reader: ProtobufReader } {
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex')
  const reader = new ProtobufReader(bytes)
  return { one: new LazyAttribute(reader, bytes, 0), reader }
}

describe('LazyAttribute', () => {
  test('reads its key at once and its value when asked', () => {
    const { one, reader } = read('08 0a 01 61 12 03 0a 01 62')
    assert.equal(one.key, 'a')
    assert.deepEqual(one.value, { kind: 'string', value: 'b' })
    assert.equal(one.value, one.value)
    assert.ok(reader.atEnd)
  })

  test('the last value counts, wherever it stands; none is empty', () => {
    assert.deepEqual(read('0c 12 02 10 00 12 02 10 01 0a 00 08 01').one.value, {
      kind: 'bool',
      value: true,
    })
    assert.deepEqual(read('03 0a 01 61').one.value, { kind: 'empty' })
  })

  test('what is no UTF-8 is repaired, and counted, once somebody looks', () => {
    const { one, reader } = read('08 0a 01 61 12 03 0a 01 ff')
    assert.deepEqual([one.isRepaired, reader.repaired], [false, 0])
    assert.deepEqual(one.value, { kind: 'string', value: '\ufffd' })
    assert.deepEqual([one.isRepaired, reader.repaired], [true, 1])
    assert.ok(read('03 0a 01 ff').one.isRepaired)
  })
})
