import { type Component, type Consumer, type Context, stateless } from '../../pipeline/component.ts'
import { type Attributes, attribute } from '../../pipeline/data/attributes.ts'
import type { TraceBatch } from '../../pipeline/data/batch.ts'
import { keepSpans } from '../../pipeline/data/keep.ts'
import type { Span } from '../../pipeline/data/traces.ts'
import {
  ALWAYS,
  NEVER,
  parseRandomness,
  parseThreshold,
  type Threshold,
  thresholdText,
} from '../../pipeline/sampling/threshold.ts'
import {
  parseTraceState,
  type TraceState,
  writeTraceState,
} from '../../pipeline/sampling/trace_state.ts'
import type { SamplerConfig } from './config.ts'
import { Judge, type Marks } from './judge.ts'
import type { Carried } from './modes.ts'

const NO_ATTRIBUTE = new Uint8Array()

export function traceSampler(
  ctx: Context,
  config: SamplerConfig,
  next: Consumer<TraceBatch>,
): Component & Consumer<TraceBatch> {
  const judge = new Judge(ctx, config, 'probabilistic_sampler_count_traces_sampled')
  return {
    ...stateless,
    async consume(batch, info) {
      const kept = keepSpans(batch, (span) => sampled(judge, span))
      judge.report()
      if (kept.count > 0) await next.consume(kept, info)
    },
  }
}

function sampled(judge: Judge, span: Span): Span | undefined {
  const { traceId, traceState, attributes } = span
  const state = parseTraceState(traceState)
  const carried = state && carriedBy(state)
  const marks = judge.judge({ traceId, carried, attribute: NO_ATTRIBUTE }, priorityOf(attributes))
  return marks && marked(span, state, marks)
}

const carriedBy = ({ rv, th }: TraceState): Carried => ({
  randomness: parseRandomness(rv),
  threshold: parseThreshold(th),
})

function marked(span: Span, state: TraceState | undefined, { threshold, randomness }: Marks): Span {
  if (state === undefined || threshold === undefined) return span
  const written = { ...state, rv: randomness ?? state.rv, th: thresholdText(threshold) }
  return { ...span, traceState: writeTraceState(written) }
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i

/** OpenTracing's `sampling.priority`: 0 is a span that nobody wants, more is one that somebody does. */
function priorityOf(attributes: Attributes): Threshold | undefined {
  const found = attribute(attributes, 'sampling.priority')
  const value = (() => {
    if (found?.kind === 'int' || found?.kind === 'double') return Number(found.value)
    return found?.kind === 'string' && NUMBER.test(found.value) ? Number(found.value) : Number.NaN
  })()
  if (value === 0) return NEVER
  return value > 0 ? ALWAYS : undefined
}
