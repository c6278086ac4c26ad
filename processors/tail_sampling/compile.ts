import type { Context } from '../../pipeline/component.ts'
import { booleanAttribute, numericAttribute, stringAttribute } from './attribute_policies.ts'
import {
  type AndPartConfig,
  type CompositeConfig,
  type CompositePartConfig,
  type LeafConfig,
  type PolicyConfig,
  sections,
} from './config.ts'
import { ottlCondition } from './ottl_policy.ts'
import type { Policy } from './policy.ts'
import { stateless } from './policy.ts'
import { bytesLimiting, composite, probabilistic, rateLimiting } from './rate_policies.ts'
import { latency, spanCount, statusCode, traceFlags, traceState } from './span_policies.ts'

type AnyConfig = LeafConfig | AndPartConfig | CompositePartConfig | PolicyConfig

/** A policy ready to be asked. Throws if its settings make none. */
export function compilePolicy(config: AnyConfig, ctx: Context): Policy {
  switch (config.type) {
    case 'and':
      return all(config.and?.and_sub_policy ?? [], ctx)
    case 'drop':
      return dropping(all(('drop' in config && config.drop?.drop_sub_policy) || [], ctx))
    case 'not':
      return inverted(config, ctx)
    case 'composite':
      return compositeOf('composite' in config ? config.composite : undefined, ctx)
    default:
      return leaf(config as LeafConfig, ctx)
  }
}

function leaf(config: LeafConfig, ctx: Context): Policy {
  switch (config.type) {
    case 'always_sample':
      return stateless(() => true)
    case 'trace_flags':
      return traceFlags()
    case 'latency':
      return latency(config.latency ?? sections.latency.parse({}))
    case 'numeric_attribute':
      return numericAttribute(config.numeric_attribute ?? sections.numeric_attribute.parse({}))
    case 'probabilistic':
      return probabilistic(config.probabilistic ?? sections.probabilistic.parse({}))
    case 'status_code':
      return statusCode(config.status_code ?? sections.status_code.parse({ status_codes: [] }))
    case 'string_attribute':
      return stringAttribute(config.string_attribute ?? sections.string_attribute.parse({}))
    case 'rate_limiting':
      return rateLimiting(config.rate_limiting ?? sections.rate_limiting.parse({}))
    case 'bytes_limiting':
      return bytesLimiting(config.bytes_limiting ?? sections.bytes_limiting.parse({}))
    case 'span_count':
      return spanCount(config.span_count ?? sections.span_count.parse({}))
    case 'trace_state':
      return traceState(config.trace_state ?? sections.trace_state.parse({}))
    case 'boolean_attribute':
      return booleanAttribute(config.boolean_attribute ?? sections.boolean_attribute.parse({}))
    case 'ottl_condition':
      return ottlCondition(config.ottl_condition ?? sections.ottl_condition.parse({}), ctx)
  }
}

function all(configs: readonly AndPartConfig[], ctx: Context): Policy {
  const parts = configs.map((one) => compilePolicy(one, ctx))
  return {
    evaluate: (trace) =>
      parts.every((part) => part.evaluate(trace) !== 'not_sampled') ? 'sampled' : 'not_sampled',
    stateful: parts.some((part) => part.stateful),
  }
}

const dropping = (policy: Policy): Policy => ({
  ...policy,
  evaluate: (trace) => (policy.evaluate(trace) === 'sampled' ? 'dropped' : 'not_sampled'),
})

function inverted(config: AnyConfig, ctx: Context): Policy {
  const part = 'not' in config ? config.not?.not_sub_policy : undefined
  if (part === undefined) throw new Error('policy of type not: not_sub_policy is missing')
  const policy = compilePolicy(part, ctx)
  return {
    ...policy,
    evaluate: (trace) => (policy.evaluate(trace) === 'sampled' ? 'not_sampled' : 'sampled'),
  }
}

function compositeOf(config: CompositeConfig | undefined, ctx: Context): Policy {
  if (config === undefined || config.composite_sub_policy.length === 0) {
    throw new Error('policy of type composite: composite_sub_policy is missing')
  }
  return composite(
    config,
    config.composite_sub_policy.map((one) => compilePolicy(one, ctx)),
  )
}

/** Sections that a policy has and its type has no use for. */
export function uselessSections({ name, type, ...others }: PolicyConfig): readonly string[] {
  return Object.entries(others)
    .filter(([key, value]) => value !== undefined && key !== type)
    .map(([key]) => key)
}
