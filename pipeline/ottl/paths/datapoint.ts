import type { AnyValue } from '../../data/attributes.ts'
import type { Buckets, Exemplar, Integer, Quantile } from '../../data/metrics.ts'
import { EvaluationError } from '../error.ts'
import type { Frame, Point } from '../frame.ts'
import { data, type Value } from '../value.ts'
import {
  DOUBLE,
  type Field,
  type Fields,
  type Form,
  INT,
  MAP,
  member,
  SMALL,
  times,
  whole,
} from './field.ts'
import { numberValue } from './metrics.ts'

/** A member that not every kind of point has: nil where it is missing, and setting it there does nothing. */
function some<T>(key: string, form: Form<T>): Field {
  return {
    get({ point }) {
      const found = (point as unknown as Record<string, T | undefined>)[key]
      return found === undefined ? undefined : form.show(found)
    },
    set(frame, value) {
      if (key in frame.point) frame.point = { ...frame.point, [key]: form.take(value) } as Point
    },
  }
}

/** A list of numbers: as a whole from a list like it, or from one of values. */
const numbers = <T extends Integer>(type: string, kind: 'int' | 'double'): Form<readonly T[]> => ({
  show: (member) => data(type, member),
  take(value) {
    if (value?.kind === 'data' && value.type === type) return value.value as readonly T[]
    const items: readonly AnyValue[] = value?.kind === 'array' ? value.value : []
    if (value?.kind !== 'array' || items.some((item) => item.kind !== kind)) {
      throw new EvaluationError(`expected a list of ${kind}s`)
    }
    return items.map((item) => (item as unknown as { readonly value: T }).value)
  },
})

const COUNTS = numbers<Integer>('counts', 'int')
const NO_BUCKETS: Buckets = { offset: 0, bucketCounts: [] }

type Side = 'positive' | 'negative'

const isExponential = (point: Point): point is Point & Record<Side, Buckets | undefined> =>
  'zeroCount' in point

function bucketPart<T>(side: Side, key: keyof Buckets, form: Form<T>): Field {
  const read = (frame: Frame) =>
    isExponential(frame.point) ? (frame.point[side] ?? NO_BUCKETS) : undefined
  return {
    get(frame): Value {
      const buckets = read(frame)
      return buckets === undefined ? undefined : form.show(buckets[key] as T)
    },
    set(frame, value) {
      const buckets = read(frame)
      if (buckets === undefined) return
      const changed = { ...buckets, [key]: form.take(value) }
      frame.point = { ...frame.point, [side]: changed } as Point
    },
  }
}

const bucketsField = (side: Side): Field => ({
  ...some<Buckets>(side, whole('buckets')),
  fields: {
    offset: bucketPart(side, 'offset', SMALL),
    bucket_counts: bucketPart(side, 'bucketCounts', COUNTS),
  },
})

export const datapointFields: Fields = {
  attributes: member('point', 'attributes', MAP),
  ...times('point', 'start', 'start_time'),
  ...times('point', 'time', 'time'),
  flags: member('point', 'flags', SMALL),
  value_int: numberValue('point', 'int'),
  value_double: numberValue('point', 'double'),
  exemplars: some<readonly Exemplar[]>('exemplars', whole('exemplars')),
  count: some('count', INT),
  sum: some('sum', DOUBLE),
  bucket_counts: some('bucketCounts', COUNTS),
  explicit_bounds: some('explicitBounds', numbers<number>('bounds', 'double')),
  scale: some('scale', SMALL),
  zero_count: some('zeroCount', INT),
  positive: bucketsField('positive'),
  negative: bucketsField('negative'),
  quantile_values: some<readonly Quantile[]>('quantiles', whole('quantiles')),
}
