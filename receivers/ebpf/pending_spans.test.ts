import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { span } from '../../test/support/telemetry.ts'
import type { KnownProcess } from './discovery/process.ts'
import { knownBy } from './discovery/testing.ts'
import { PendingSpans } from './pending_spans.ts'

const SCOPE = { name: 'weir', version: '', attributes: [], droppedAttributesCount: 0 }
const RESOURCE = { attributes: [], droppedAttributesCount: 0 }
const ENOUGH = 'x'.repeat(2 << 20)

/** What leaves, and what is told of the rest. */
function taker() {
  const spans = new PendingSpans(SCOPE, () => RESOURCE)
  const told: string[] = []
  return {
    spans,
    told,
    take: (known: KnownProcess) =>
      spans.take(() => known, {
        dropped: (_, reason, count) => told.push(`${reason} ${count}`),
      })?.count ?? 0,
  }
}

describe('spans of a process whose pod is not known', () => {
  test('wait, and then leave or not', () => {
    const { spans, take, told } = taker()
    spans.add(span(), 1)
    assert.equal(take(knownBy(false, true)), 0)
    assert.equal(take(knownBy(true)), 1)
    spans.add(span(), 1)
    assert.equal(take(knownBy(false, true)), 0)
    assert.equal(take(knownBy(false)), 0)
    assert.deepEqual(told, ['not_selected 1'])
  })

  test('are lost by a reason when too much waits', () => {
    const { spans, take, told } = taker()
    spans.add(span({ name: ENOUGH }), 1)
    assert.equal(take(knownBy(false, true)), 0)
    assert.deepEqual(told, ['pod_wait_full 1'])
    assert.equal(spans.bytes, 0)
  })
})
