import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { SpanKind } from '../../../pipeline/data/traces.ts'
import { extract, NEW_TRACE, type TraceContextHeaders } from './extract.ts'
import { newSpanId, newTraceId } from './ids.ts'
import { parentBasedAlwaysOn, samplerByName } from './sampling.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SHORT = '8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'
const W3C = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`
const W3C_PARENT = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), flags: 1, traceState: '' }

const parent = (flags: number, traceId = TRACE) => ({
  traceId,
  spanId: SPAN,
  flags,
  traceState: '',
})
const yes = { parent: parent(1), sampled: true }
const no = { parent: parent(0), sampled: false }

const NONE: TraceContextHeaders = {
  traceparent: '',
  traceparents: 0,
  tracestate: '',
  b3: '',
  b3TraceId: '',
  b3SpanId: '',
  b3Sampled: '',
  b3Flags: '',
}
const w3c = (traceparent: string, more: Partial<TraceContextHeaders> = {}) => ({
  traceparent,
  traceparents: 1,
  ...more,
})
const multi = (more: Partial<TraceContextHeaders> = {}) => ({
  b3TraceId: TRACE,
  b3SpanId: SPAN,
  ...more,
})

const cases: [
  name: string,
  headers: Partial<TraceContextHeaders>,
  want: ReturnType<typeof extract>,
][] = [
  ['nothing', {}, NEW_TRACE],
  ['W3C', w3c(W3C), { parent: W3C_PARENT, sampled: true }],
  [
    'W3C with state',
    w3c(W3C, { tracestate: 'a=1' }),
    { parent: { ...W3C_PARENT, traceState: 'a=1' }, sampled: true },
  ],
  ['W3C with void state', w3c(W3C, { tracestate: 'A=1' }), { parent: W3C_PARENT, sampled: true }],
  [
    'W3C, not sampled',
    w3c(`${W3C.slice(0, -2)}00`),
    { parent: { ...W3C_PARENT, flags: 0 }, sampled: false },
  ],
  ['state without parent', { tracestate: 'a=1' }, NEW_TRACE],
  ['malformed W3C: a new trace', w3c('00-x', { tracestate: 'a=1' }), NEW_TRACE],
  ['two traceparents: a new trace', { ...w3c(W3C), traceparents: 2 }, NEW_TRACE],
  ['W3C before B3', w3c(W3C, multi()), { parent: W3C_PARENT, sampled: true }],
  ['malformed W3C, then B3', w3c('nonsense', { b3: `${TRACE}-${SPAN}-1` }), yes],
  ['B3 single', { b3: `${TRACE}-${SPAN}-1` }, yes],
  ['B3 single, with its parent', { b3: `${TRACE}-${SPAN}-1-05e3ac9a4f6e3b90` }, yes],
  ['B3 single, debug', { b3: `${TRACE}-${SPAN}-d` }, yes],
  ['B3 single, denied', { b3: `${TRACE}-${SPAN}-0` }, no],
  ['B3 single, decision left open', { b3: `${TRACE}-${SPAN}` }, yes],
  [
    'B3 single, short trace id',
    { b3: `${SHORT}-${SPAN}-1` },
    { parent: parent(1, SHORT.padStart(32, '0')), sampled: true },
  ],
  ['B3 single, denied and no more', { b3: '0' }, { parent: undefined, sampled: false }],
  ['B3 single, wanted and no more', { b3: '1' }, { parent: undefined, sampled: true }],
  ['B3 single, trace id of zeros', { b3: `${'0'.repeat(32)}-${SPAN}-1` }, NEW_TRACE],
  ['B3 single, span id of zeros', { b3: `${TRACE}-${'0'.repeat(16)}-1` }, NEW_TRACE],
  ['B3 single, other decision', { b3: `${TRACE}-${SPAN}-x` }, NEW_TRACE],
  ['B3 single, too much', { b3: `${TRACE}-${SPAN}-1-05e3ac9a4f6e3b90-1` }, NEW_TRACE],
  ['B3 single, nonsense', { b3: 'nonsense' }, NEW_TRACE],
  ['B3 single before multi', { b3: `${TRACE}-${SPAN}-0`, ...multi({ b3Sampled: '1' }) }, no],
  ['B3 multi', multi({ b3Sampled: '1' }), yes],
  ['B3 multi, upper case', multi({ b3TraceId: TRACE.toUpperCase() }), yes],
  ['B3 multi, decision left open', multi(), yes],
  ['B3 multi, denied', multi({ b3Sampled: '0' }), no],
  ['B3 multi, denied by an old sender', multi({ b3Sampled: 'false' }), no],
  ['B3 multi, debug overrules', multi({ b3Sampled: '0', b3Flags: '1' }), yes],
  ['B3 multi, denied without ids', { b3Sampled: '0' }, { parent: undefined, sampled: false }],
  ['B3 multi, span id missing', { b3TraceId: TRACE }, NEW_TRACE],
]

describe('trace context', () => {
  for (const [name, headers, want] of cases) {
    test(name, () => assert.deepEqual(extract({ ...NONE, ...headers }), want))
  }

  test('no headers at all', () => assert.equal(extract(undefined), NEW_TRACE))
})

describe('ids', () => {
  test('many, of the right form, none twice', () => {
    const traceIds = Array.from({ length: 5000 }, newTraceId)
    const spanIds = Array.from({ length: 5000 }, newSpanId)
    assert.ok(traceIds.every((id) => /^(?!0+$)[0-9a-f]{32}$/.test(id)))
    assert.ok(spanIds.every((id) => /^(?!0+$)[0-9a-f]{16}$/.test(id)))
    assert.equal(new Set(traceIds).size, 5000)
    assert.equal(new Set(spanIds).size, 5000)
  })
})

describe('sampling', () => {
  const sampled = extract({ ...NONE, ...w3c(W3C) })
  const unsampled = extract({ ...NONE, ...w3c(`${W3C.slice(0, -2)}00`) })
  const denied = extract({ ...NONE, b3: '0' })
  const low = '0'.repeat(31).padEnd(32, '1')
  const high = 'f'.repeat(8).padEnd(32, '0')

  type Row = [
    name: string,
    argument: string,
    sampled: boolean,
    unsampled: boolean,
    denied: boolean,
    lowRoot: boolean,
    highRoot: boolean,
  ]
  const rows: Row[] = [
    ['', '', true, false, false, true, true],
    ['parentbased_always_on', '', true, false, false, true, true],
    ['parentbased_always_off', '', true, false, false, false, false],
    ['parentbased_traceidratio', '0.5', true, false, false, true, false],
    ['parentbased_traceidratio', 'nonsense', true, false, false, true, true],
    ['always_on', '', true, true, true, true, true],
    ['always_off', '', false, false, false, false, false],
    ['traceidratio', '0.5', true, true, false, true, false],
    ['traceidratio', '7', true, true, false, true, true],
  ]
  for (const [name, argument, ...want] of rows) {
    test(`${name || 'the default'} ${argument}`, () => {
      const sample = samplerByName(name, argument)
      assert.ok(sample)
      const keep = (extracted: typeof sampled, traceId: string) =>
        sample(extracted, traceId, 'GET', SpanKind.server)
      const got = [
        keep(sampled, low),
        keep(unsampled, low),
        keep(denied, low),
        keep(NEW_TRACE, low),
        keep(NEW_TRACE, high),
      ]
      assert.deepEqual(got, want)
    })
  }

  test('the default is parentbased_always_on', () => {
    assert.equal(samplerByName('', ''), parentBasedAlwaysOn)
  })

  test('a name that no SDK knows', () => assert.equal(samplerByName('coin_flip', ''), undefined))
})
