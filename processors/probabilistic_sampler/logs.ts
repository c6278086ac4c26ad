import { type Component, type Consumer, type Context, stateless } from '../../pipeline/component.ts'
import { type Attributes, attribute, string } from '../../pipeline/data/attributes.ts'
import type { LogBatch } from '../../pipeline/data/batch.ts'
import { keepRecords } from '../../pipeline/data/keep.ts'
import type { LogRecord } from '../../pipeline/data/logs.ts'
import { valueText } from '../../pipeline/data/value_text.ts'
import {
  MIN_PROBABILITY,
  parseRandomness,
  parseThreshold,
  type Threshold,
  thresholdOf,
  thresholdText,
} from '../../pipeline/sampling/threshold.ts'
import type { SamplerConfig } from './config.ts'
import { Judge, type Marks } from './judge.ts'
import type { Carried } from './modes.ts'

const THRESHOLD = 'sampling.threshold'
const RANDOMNESS = 'sampling.randomness'

export function logSampler(
  ctx: Context,
  config: SamplerConfig,
  next: Consumer<LogBatch>,
): Component & Consumer<LogBatch> {
  const judge = new Judge(ctx, config, 'probabilistic_sampler_count_logs_sampled')
  return {
    ...stateless,
    async consume(batch, info) {
      const kept = keepRecords(batch, (record) => sampled(judge, config, record))
      judge.report()
      if (kept.count > 0) await next.consume(kept, info)
    },
  }
}

function sampled(judge: Judge, config: SamplerConfig, record: LogRecord): LogRecord | undefined {
  const { traceId, attributes } = record
  const carried = carriedBy(attributes)
  const hashed = bytesOf(attributes, config.from_attribute)
  const marks = judge.judge({ traceId, carried, attribute: hashed }, priorityOf(attributes, config))
  return marks && marked(record, marks)
}

/** Undefined if one of the two is there and wrong. */
function carriedBy(attributes: Attributes): Carried | undefined {
  const th = textOf(attributes, THRESHOLD)
  const rv = textOf(attributes, RANDOMNESS)
  const carried = { threshold: parseThreshold(th), randomness: parseRandomness(rv) }
  const isWrong =
    (th !== '' && carried.threshold === undefined) ||
    (rv !== '' && carried.randomness === undefined)
  return isWrong ? undefined : carried
}

function textOf(attributes: Attributes, key: string): string {
  const found = attribute(attributes, key)
  return found?.kind === 'string' ? found.value : ''
}

function bytesOf(attributes: Attributes, key: string): Uint8Array {
  const found = key === '' ? undefined : attribute(attributes, key)
  if (found?.kind === 'bytes') return found.value
  return Buffer.from(found === undefined ? '' : valueText(found))
}

/** The percentage that the record asks for itself, less or more than the configured one. */
function priorityOf(attributes: Attributes, config: SamplerConfig): Threshold | undefined {
  const key = config.sampling_priority
  const found = key === '' ? undefined : attribute(attributes, key)
  if (found?.kind !== 'int' && found?.kind !== 'double') return undefined
  const probability = Number(found.value) / 100
  if (!(probability >= MIN_PROBABILITY && probability <= 1)) return undefined
  return thresholdOf(probability, config.sampling_precision)
}

function marked(record: LogRecord, { threshold, randomness }: Marks): LogRecord {
  if (threshold === undefined) return record
  let { attributes } = record
  if (randomness !== undefined) attributes = put(attributes, RANDOMNESS, randomness)
  return { ...record, attributes: put(attributes, THRESHOLD, thresholdText(threshold)) }
}

function put(attributes: Attributes, key: string, value: string): Attributes {
  const at = attributes.findIndex((one) => one.key === key)
  return at < 0 ? [...attributes, string(key, value)] : attributes.with(at, string(key, value))
}
