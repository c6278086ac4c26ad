import { createRequire } from 'node:module'
import type { Sampler } from '@opentelemetry/sdk-trace-base'
import type { Extracted } from './extract.ts'

const require = createRequire(import.meta.url)

/** Loaded when a sampler of the SDK is asked for, and not before: they take 20 MiB. */
const loadSdk = () => ({
  ...(require('@opentelemetry/sdk-trace-base') as typeof import('@opentelemetry/sdk-trace-base')),
  ...(require('@opentelemetry/api') as Pick<
    typeof import('@opentelemetry/api'),
    'ROOT_CONTEXT' | 'trace'
  >),
})

/** SpanKind of the API, which counts from 0 where OTLP counts from 1. */
const apiKindOf = (kind: number) => kind - 1

/** True when the span of this trace is kept. `kind` is a SpanKind of OTLP. */
export type Sample = (extracted: Extracted, traceId: string, name: string, kind: number) => boolean

/** `parentbased_always_on`: what the caller decided, and everything that has no caller. */
export const parentBasedAlwaysOn: Sample = (extracted) => extracted.sampled

/** A sampler of the OpenTelemetry SDK. It sees no attributes: none of the standard ones asks for any. */
function sdkSample(sampler: Sampler): Sample {
  const { ROOT_CONTEXT, SamplingDecision, trace } = loadSdk()
  return (extracted, traceId, name, kind) => {
    const { parent } = extracted
    if (parent === undefined && !extracted.sampled) return false
    const context =
      parent === undefined
        ? ROOT_CONTEXT
        : trace.setSpanContext(ROOT_CONTEXT, {
            traceId: parent.traceId,
            spanId: parent.spanId,
            traceFlags: parent.flags,
            isRemote: true,
          })
    const { decision } = sampler.shouldSample(context, traceId, name, apiKindOf(kind), {}, [])
    return decision === SamplingDecision.RECORD_AND_SAMPLED
  }
}

/**
 * The sampler that OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG name; undefined for a name that the SDKs do not know.
 * A ratio that is no number from 0 to 1 is 1, as the specification has it.
 * Source: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#general-sdk-configuration
 */
export function samplerByName(name: string, argument: string): Sample | undefined {
  const ratio = () => new (loadSdk().TraceIdRatioBasedSampler)(parseRatio(argument))
  const parentBased = (root: Sampler) => sdkSample(new (loadSdk().ParentBasedSampler)({ root }))
  switch (name) {
    case '':
    case 'parentbased_always_on':
      return parentBasedAlwaysOn
    case 'parentbased_always_off':
      return parentBased(new (loadSdk().AlwaysOffSampler)())
    case 'parentbased_traceidratio':
      return parentBased(ratio())
    case 'always_on':
      return () => true
    case 'always_off':
      return () => false
    case 'traceidratio':
      return sdkSample(ratio())
    default:
      return undefined
  }
}

function parseRatio(argument: string): number {
  const ratio = argument.trim() === '' ? Number.NaN : Number(argument)
  return ratio >= 0 && ratio <= 1 ? ratio : 1
}

const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
]
const REMOTE_SAMPLERS = ['jaeger_remote', 'parentbased_jaeger_remote', 'xray']

/** What is wrong with the name of a sampler; '' stands for the default. */
export function samplerError(name: string): string | false {
  if (name === '' || SAMPLERS.includes(name)) return false
  const allowed = `allowed are ${SAMPLERS.join(', ')}`
  return REMOTE_SAMPLERS.includes(name)
    ? `the sampler ${name} asks a server what to keep, which weir does not; ${allowed}`
    : `unknown sampler ${JSON.stringify(name)}; ${allowed}`
}
