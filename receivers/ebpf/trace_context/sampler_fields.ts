import { float, object, text } from '../../../config/fields.ts'
import { samplerError } from './sampling.ts'

/** A head sampler, as OTEL_TRACES_SAMPLER and its _ARG say it. */
export const samplerFields = object({
  name: text()
    .default('')
    .check(samplerError)
    .describe('A name of OTEL_TRACES_SAMPLER: `parentbased_traceidratio`.'),
  arg: float().min(0).max(1).default(1).describe('The ratio of those that have one.'),
})
