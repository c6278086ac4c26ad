import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { remoteParent } from './propagation.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'
const SHORT = 'a3ce929d0e0e4736'

type Found = readonly [traceId: string, spanId: string, sampled: number]
type Case = [name: string, headers: Readonly<Record<string, string>>, want: Found | undefined]
const cases: Case[] = [
  ['traceparent', { traceparent: `00-${TRACE}-${SPAN}-01` }, [TRACE, SPAN, 1]],
  ['traceparent, not sampled', { traceparent: `00-${TRACE}-${SPAN}-00` }, [TRACE, SPAN, 0]],
  ['a later version with more', { traceparent: `01-${TRACE}-${SPAN}-01-x` }, [TRACE, SPAN, 1]],
  ['version ff', { traceparent: `ff-${TRACE}-${SPAN}-01` }, undefined],
  ['a trace id of zeros', { traceparent: `00-${'0'.repeat(32)}-${SPAN}-01` }, undefined],
  ['cut short', { traceparent: `00-${TRACE}-${SPAN}` }, undefined],
  ['b3', { b3: `${TRACE}-${SPAN}-1` }, [TRACE, SPAN, 1]],
  ['b3, 64 bits, no decision', { b3: `${SHORT}-${SPAN}` }, [`${'0'.repeat(16)}${SHORT}`, SPAN, 1]],
  ['b3, debug and a parent', { b3: `${TRACE}-${SPAN}-d-${SHORT}` }, [TRACE, SPAN, 1]],
  [
    'b3 in several headers',
    { 'x-b3-traceid': TRACE, 'x-b3-spanid': SPAN, 'x-b3-sampled': '0' },
    [TRACE, SPAN, 0],
  ],
  ['b3 that only denies', { b3: '0' }, undefined],
  ['nothing', {}, undefined],
]

describe('remoteParent', () => {
  for (const [name, headers, want] of cases) {
    test(name, () => {
      const found = remoteParent(['tracecontext', 'b3'], (header) => headers[header])
      const shown = found && [found.traceId, found.spanId, found.traceFlags]
      assert.deepEqual(shown, want)
    })
  }

  test('only the propagators that are configured are asked', () => {
    const headers: Record<string, string> = { traceparent: `00-${TRACE}-${SPAN}-01` }
    assert.equal(
      remoteParent(['b3'], (header) => headers[header]),
      undefined,
    )
  })
})
