import { bool, enumOf, float, type Infer, int, object, text } from '../../config/fields.ts'
import { MIN_PROBABILITY } from '../../pipeline/sampling/threshold.ts'

const MAX_PRECISION = 14

export const schema = object({
  sampling_percentage: float()
    .default(0)
    .check((found) => !Number.isFinite(found) && `sampling rate is invalid: ${found}%`)
    .check((found) => found < 0 && `sampling rate is negative: ${found.toFixed(6)}%`)
    .check(
      (found) =>
        found > 0 && found / 100 < MIN_PROBABILITY && `sampling rate is too small: ${found}%`,
    )
    .describe('Share of the items that is kept; 100 and more is all, 0 is none.'),
  mode: enumOf(
    ['', 'hash_seed', 'proportional', 'equalizing'],
    (found) => `unsupported sampler mode ${JSON.stringify(found)}`,
  )
    .default('')
    .describe(
      'hash_seed (also if empty): by a hash of seed and trace id. proportional: the share of what arrives. equalizing: at most the share of what there was.',
    ),
  hash_seed: int()
    .min(0)
    .max(0xffff_ffff)
    .default(0)
    .describe('Of the hash: agents with one seed keep the same traces.'),
  fail_closed: bool()
    .default(true)
    .describe('Whether items without randomness, or with a wrong tracestate, are dropped.'),
  sampling_precision: int()
    .default(4)
    .check((found) => found <= 0 && `invalid sampling precision: ${found}`)
    .check(
      (found) =>
        found > MAX_PRECISION &&
        `sampling precision is too great, should be <= ${MAX_PRECISION}: ${found}`,
    )
    .describe('Hex digits of the threshold that is written, modes proportional and equalizing.'),
  attribute_source: enumOf(
    ['traceID', 'record'],
    (found) => `invalid attribute source: ${found}. Expected: traceID or record`,
  )
    .default('traceID')
    .describe('Log records: whether the hash is of the trace id or of `from_attribute`.'),
  from_attribute: text()
    .default('')
    .describe('Log records: attribute that is hashed, if there is no trace id or by its source.'),
  sampling_priority: text()
    .default('')
    .describe(
      'Log records: attribute with a percentage that holds for the record where it is more than the configured one.',
    ),
})

export type SamplerConfig = Infer<typeof schema>
