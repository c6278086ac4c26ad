import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Attribute, int, string } from '../../pipeline/data/attributes.ts'
import { type TraceBatch, traceBatch } from '../../pipeline/data/batch.ts'
import type { Span } from '../../pipeline/data/traces.ts'
import { testContext } from '../../test/support/context.ts'
import { resourceSpans, span } from '../../test/support/telemetry.ts'
import { probabilisticSampler } from './factory.ts'

/** What is left of spans, and the counters. */
async function sample(config: object, spans: readonly Span[]) {
  const { ctx, count, lines } = testContext()
  const sent: TraceBatch[] = []
  const processor = probabilisticSampler.create.traces?.(
    ctx,
    probabilisticSampler.schema.parse(config),
    { consume: (batch) => Promise.resolve(void sent.push(batch)) },
  )
  await processor?.consume(traceBatch([resourceSpans(spans)]), {})
  const kept = sent.flatMap((batch) =>
    batch.resources().flatMap((one) => one.scopeSpans.flatMap((scope) => scope.spans)),
  )
  return { kept, count, lines }
}

/** The tracestate of the one span if it is kept. */
async function stateAfter(config: object, one: Partial<Span>): Promise<string | undefined> {
  const { kept } = await sample(config, [span({ traceId: HALF, ...one })])
  return kept[0]?.traceState
}

/** Kept at 50 %, not at 49 %. */
const HALF = 'fefefefefefefefefe80000000000000'
const BEST = '111111111111111111ffffffffffffff'
const ALL = { sampling_percentage: 100 }

describe('modes equalizing and proportional', () => {
  type Row = [
    name: string,
    config: object,
    given: Partial<Span>,
    equalizing: string | undefined,
    proportional?: string | undefined,
  ]
  const rows: Row[] = [
    ['all', ALL, {}, 'ot=th:0'],
    ['more than all', { sampling_percentage: 200 }, {}, 'ot=th:0'],
    ['none', { sampling_percentage: 0 }, {}, undefined],
    ['half, just', { sampling_percentage: 50 }, {}, 'ot=th:8'],
    ['half, just not', { sampling_percentage: 49 }, {}, undefined],
    [
      'explicit randomness wins, its letters stay',
      { sampling_percentage: 1, sampling_precision: 14 },
      { traceState: 'ot=rv:FD70A3D70A3D71' },
      'ot=rv:FD70A3D70A3D71;th:fd70a3d70a3d71',
    ],
    [
      'one less is not kept',
      { sampling_percentage: 1, sampling_precision: 14 },
      { traceState: 'ot=rv:fd70a3d70a3d70' },
      undefined,
    ],
    [
      'four digits that tell round down',
      { sampling_percentage: 1 },
      { traceState: 'ot=rv:fd70a3d70a3d71' },
      'ot=rv:fd70a3d70a3d71;th:fd70a',
    ],
    [
      'three digits that tell round up',
      { sampling_percentage: 1, sampling_precision: 3 },
      { traceState: 'ot=rv:fd70a3d70a3d71' },
      undefined,
    ],
    [
      '40 % of 50 %',
      { sampling_percentage: 40, sampling_precision: 6 },
      { traceId: 'a0a0a0a0a0a0a0a0a0d0000000000000', traceState: 'ot=th:8' },
      'ot=th:99999a',
      'ot=th:cccccd',
    ],
    [
      'zeros at the end of a threshold go',
      { sampling_percentage: 50 },
      { traceState: 'ot=rv:90000000000000;th:80000000000000' },
      'ot=rv:90000000000000;th:8',
      undefined,
    ],
    [
      'a threshold that is larger already stays',
      { sampling_percentage: 50 },
      { traceId: BEST, traceState: 'ot=th:c' },
      'ot=th:c',
      'ot=th:e',
    ],
    [
      'a product below all thresholds',
      { sampling_percentage: 0.0625 },
      { traceId: BEST, traceState: 'ot=th:fffffffffffff8' },
      'ot=th:fffffffffffff8',
      undefined,
    ],
    [
      'what others wrote stays, behind ours',
      { sampling_percentage: 50 },
      { traceState: 'a=1, ot=x:y;th:0 ,b@c=2' },
      'ot=th:8;x:y,a=1,b@c=2',
    ],
    ['no randomness', ALL, { traceId: '' }, undefined],
    ['no randomness, open', { ...ALL, fail_closed: false }, { traceId: '' }, 'ot=th:0'],
    ['its own threshold says no', ALL, { traceState: 'ot=rv:40000000000000;th:8' }, undefined],
    [
      'its own threshold says no, open',
      { ...ALL, fail_closed: false },
      { traceState: 'ot=rv:40000000000000;th:8' },
      'ot=rv:40000000000000;th:0',
    ],
    ['a randomness too long', ALL, { traceState: 'ot=rv:abababababababab' }, undefined],
    ['a threshold too long', ALL, { traceState: 'ot=th:abababababababab' }, undefined],
    ['a threshold that is none', ALL, { traceState: 'ot=th:-1' }, undefined],
    ['no tracestate at all', ALL, { traceState: '=,' }, undefined],
    ['no tracestate at all, open', { ...ALL, fail_closed: false }, { traceState: '=,' }, '=,'],
  ]
  for (const [name, config, given, equalizing, proportional = equalizing] of rows) {
    const both = name === 'zeros at the end of a threshold go' || /product/.test(name)
    test(`equalizing: ${name}`, async () => {
      assert.equal(await stateAfter({ ...config, mode: 'equalizing' }, given), equalizing)
    })
    test(`proportional: ${name}`, async () => {
      const want = both ? undefined : proportional
      assert.equal(await stateAfter({ ...config, mode: 'proportional' }, given), want)
    })
  }
})

describe('mode hash_seed', () => {
  const thresholds: [percentage: number, threshold: string][] = [
    [100, '0'],
    [75, '4'],
    [50, '8'],
    [25, 'c'],
    [10, 'e668'],
    [100 / 3, 'aaac'],
  ]
  for (const [sampling_percentage, threshold] of thresholds) {
    test(`${sampling_percentage} % writes its threshold and the hash as randomness`, async () => {
      const spans = Array.from({ length: 64 }, (_, i) =>
        span({ traceId: i.toString(16).padStart(32, '7') }),
      )
      const { kept } = await sample({ sampling_percentage, hash_seed: 22 }, spans)
      assert(kept.length > 0)
      for (const { traceState } of kept) {
        assert.match(traceState, new RegExp(`^ot=rv:[0-9a-f]{14};th:${threshold}$`))
      }
    })
  }

  const refused: [name: string, given: Partial<Span>, reason: string][] = [
    ['randomness of others', { traceState: 'ot=rv:ffffffffffffff' }, 'randomness_in_use'],
    ['a threshold of others', { traceState: 'ot=th:8' }, 'threshold_in_use'],
    ['no trace id', { traceId: '' }, 'missing_randomness'],
    ['a wrong tracestate', { traceState: 'x' }, 'invalid_state'],
  ]
  for (const [name, given, reason] of refused) {
    test(`${name}: dropped and counted; kept as it was if open`, async () => {
      const closed = await sample(ALL, [span(given)])
      assert.deepEqual([closed.kept.length, closed.count(`dropped_${reason}`)], [0, 1])
      const open = await sample({ ...ALL, fail_closed: false }, [span(given)])
      assert.deepEqual([open.kept.length, open.count(`noted_${reason}`)], [1, 1])
      if (reason.endsWith('_in_use')) assert.equal(open.kept[0]?.traceState, given.traceState)
    })
  }

  test('less than one bucket is nothing', async () => {
    const spans = Array.from({ length: 64 }, (_, i) => span({ traceId: `${i}`.padStart(32, '3') }))
    const { kept } = await sample({ sampling_percentage: 0.0045, hash_seed: 1 }, spans)
    assert.equal(kept.length, 0)
  })
})

describe('sampling.priority', () => {
  const double = (value: number): Attribute => ({
    key: 'sampling.priority',
    value: { kind: 'double', value },
  })
  const rows: [name: string, attribute: Attribute, none: boolean, all: boolean][] = [
    ['int 1', int('sampling.priority', 1), true, true],
    ['int 0', int('sampling.priority', 0), false, false],
    ['int -1', int('sampling.priority', -1), false, true],
    ['double 0.5', double(0.5), true, true],
    ['double 0', double(0), false, false],
    ['text 1', string('sampling.priority', '1'), true, true],
    ['text 0.0', string('sampling.priority', '0.0'), false, false],
    ['text -0.5', string('sampling.priority', '-0.5'), false, true],
    ['text without number', string('sampling.priority', ''), false, true],
  ]
  for (const [name, attribute, none, all] of rows) {
    for (const mode of ['hash_seed', 'equalizing', 'proportional']) {
      test(`${name} at 0 % and at 100 %, ${mode}`, async () => {
        const given = [span({ attributes: [attribute] })]
        const at0 = await sample({ mode, sampling_percentage: 0 }, given)
        const at100 = await sample({ mode, sampling_percentage: 100 }, given)
        assert.deepEqual([at0.kept.length === 1, at100.kept.length === 1], [none, all])
      })
    }
  }
})

test('counts judgements by policy', async () => {
  const { count } = await sample(ALL, [span(), span(), span()])
  assert.equal(count('probabilistic_sampler_count_traces_sampled'), 3)
})

describe('settings', () => {
  const rows: [config: object, message: RegExp][] = [
    [{ sampling_percentage: -1 }, /sampling rate is negative: -1.000000%/],
    [{ sampling_percentage: 1e-16 }, /sampling rate is too small: 1e-16%/],
    [{ sampling_percentage: Number.POSITIVE_INFINITY }, /sampling rate is invalid/],
    [{ sampling_precision: 0 }, /invalid sampling precision: 0/],
    [{ sampling_precision: 15 }, /sampling precision is too great, should be <= 14: 15/],
    [{ mode: 'dunno' }, /unsupported sampler mode "dunno"/],
    [{ attribute_source: 'span' }, /invalid attribute source: span. Expected: traceID or record/],
  ]
  for (const [config, message] of rows) {
    test(String(message), () => {
      assert.throws(() => probabilisticSampler.schema.parse(config), message)
    })
  }

  test('says what the mode has no use for', async () => {
    const { lines } = await sample({ mode: 'equalizing', hash_seed: 3, sampling_priority: 'p' }, [])
    assert.match(
      lines.join(),
      /mode equalizing of traces has no use for hash_seed, sampling_priority/,
    )
  })
})
