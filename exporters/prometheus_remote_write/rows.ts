import type { Histogram, Sample, TextExemplar } from '../../pipeline/prometheus/family.ts'
import { join, type LabelSet } from '../../pipeline/prometheus/labels.ts'
import { number } from '../../pipeline/prometheus/text.ts'

/** What one series gets of a point. */
export interface Row {
  readonly name: string
  readonly labels: LabelSet
  readonly value: number | Histogram
  readonly exemplars?: readonly TextExemplar[]
}

const listOf = (exemplar: TextExemplar | undefined): readonly TextExemplar[] =>
  exemplar === undefined ? [] : [exemplar]

/** A number is one series, a summary or a histogram many; a native histogram is one again. */
export function* rowsOf(name: string, { labels, value }: Sample): Generator<Row> {
  if (value.kind === 'number') {
    yield { name, labels, value: value.value, exemplars: listOf(value.exemplar) }
    return
  }
  if (value.kind === 'histogram' && value.native !== undefined) {
    yield { name, labels, value, exemplars: value.native.exemplars }
    return
  }
  if (value.kind === 'histogram') {
    for (const { bound, count, exemplar } of value.buckets) {
      const own = join(new Map([['le', number(bound)]]), labels)
      yield {
        name: `${name}_bucket`,
        labels: own,
        value: Number(count),
        exemplars: listOf(exemplar),
      }
    }
  } else {
    for (const [quantile, at] of value.quantiles) {
      yield { name, labels: join(new Map([['quantile', number(quantile)]]), labels), value: at }
    }
  }
  yield { name: `${name}_sum`, labels, value: value.sum }
  yield { name: `${name}_count`, labels, value: Number(value.count) }
}
