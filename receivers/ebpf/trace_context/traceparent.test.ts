import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseTraceparent } from './traceparent.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'
const OK = { traceId: TRACE, spanId: SPAN, flags: 1 }

const cases: [name: string, header: string, want: ReturnType<typeof parseTraceparent>][] = [
  ['sampled', `00-${TRACE}-${SPAN}-01`, OK],
  ['not sampled', `00-${TRACE}-${SPAN}-00`, { ...OK, flags: 0 }],
  ['random', `00-${TRACE}-${SPAN}-03`, { ...OK, flags: 3 }],
  ['flags that are not known are dropped', `00-${TRACE}-${SPAN}-ff`, { ...OK, flags: 3 }],
  ['a later version', `cc-${TRACE}-${SPAN}-01`, OK],
  ['a later version with more', `01-${TRACE}-${SPAN}-01-what-the-future-brings`, OK],
  ['a later version with more, but no dash', `01-${TRACE}-${SPAN}-01.what`, undefined],
  ['version ff', `ff-${TRACE}-${SPAN}-01`, undefined],
  ['version 00 with more', `00-${TRACE}-${SPAN}-01-x`, undefined],
  ['version 00 with a dash behind', `00-${TRACE}-${SPAN}-01-`, undefined],
  ['a version that is no number', `.0-${TRACE}-${SPAN}-01`, undefined],
  ['a version in upper case', `CC-${TRACE}-${SPAN}-01`, undefined],
  ['a trace id of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`, undefined],
  ['a parent id of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`, undefined],
  ['a trace id in upper case', `00-${TRACE.toUpperCase()}-${SPAN}-01`, undefined],
  ['a parent id in upper case', `00-${TRACE}-${SPAN.toUpperCase()}-01`, undefined],
  ['a trace id that is no number', `00-.${TRACE.slice(1)}-${SPAN}-01`, undefined],
  ['a trace id too short', `00-${TRACE.slice(1)}-${SPAN}-01`, undefined],
  ['a trace id too long', `00-${TRACE}0-${SPAN}-01`, undefined],
  ['a parent id too long', `00-${TRACE}-${SPAN}0-01`, undefined],
  ['flags that are no number', `00-${TRACE}-${SPAN}-.0`, undefined],
  ['flags too long', `00-${TRACE}-${SPAN}-001`, undefined],
  ['flags too short', `00-${TRACE}-${SPAN}-1`, undefined],
  ['other separators', `00_${TRACE}_${SPAN}_01`, undefined],
  ['empty', '', undefined],
]

describe('traceparent', () => {
  for (const [name, header, want] of cases) {
    test(name, () => assert.deepEqual(parseTraceparent(header), want))
  }

  test('cut at every byte', () => {
    const header = `00-${TRACE}-${SPAN}-01`
    for (let end = 0; end < header.length; end++) {
      assert.equal(parseTraceparent(header.slice(0, end)), undefined)
    }
  })
})
