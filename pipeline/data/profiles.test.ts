import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { profiles } from '../../test/support/telemetry.ts'
import { ProfileBatch } from './profiles.ts'

describe('ProfileBatch', () => {
  test('counts samples and keeps the bytes', () => {
    const batch = profiles(3)
    assert.equal(batch.count, 3)
    const again = ProfileBatch.read(batch.toProtobuf())
    assert.ok(again.kind === 'batch')
    assert.equal(again.batch.toProtobuf(), batch.toProtobuf())
  })

  test('an empty request is a batch of nothing', () => {
    const read = ProfileBatch.read(new Uint8Array())
    assert.ok(read.kind === 'batch')
    assert.equal(read.batch.count, 0)
  })

  test('a request that is cut within its structure is invalid, and says where', () => {
    const bytes = profiles(2).toProtobuf()
    const read = ProfileBatch.read(bytes.subarray(0, bytes.length - 1))
    assert.ok(read.kind === 'invalid')
    assert.match(read.reason, /at byte \d+$/)
  })
})
