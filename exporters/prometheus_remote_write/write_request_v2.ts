import { snappyBlock } from '../../pipeline/net/snappy.ts'
import type { TextExemplar } from '../../pipeline/prometheus/family.ts'
import { sorted } from '../../pipeline/prometheus/labels.ts'
import { BYTES, DOUBLE, nested, writer } from '../../pipeline/prometheus/wire.ts'
import { type Metadata, milliseconds, type Recorded, type Series } from './series.ts'
import { type WriteRequest, writeHistogram, writeNumber, written } from './write_request.ts'

type Timed = readonly [timeMs: number, recorded: Recorded]

const TYPES = { untyped: 0, counter: 1, gauge: 2, histogram: 3, summary: 5 } as const
/** Tag and length of a symbol, at most. */
const SYMBOL_HEAD = 6

/**
 * Requests of version 2.0 that are no longer than `maxBytes`, unless one series is.
 * Source: https://prometheus.io/docs/specs/prw/remote_write_spec_2_0/
 */
export function* requestsOfV2(series: Iterable<Series>, maxBytes: number): Generator<WriteRequest> {
  let request = new GrowingRequest()
  for (const one of series) {
    if (request.take(one, maxBytes)) continue
    yield request.end()
    request = new GrowingRequest()
    request.take(one, maxBytes)
  }
  if (!request.isEmpty) yield request.end()
}

/** Series, and the table of all texts that they refer to by number. */
class GrowingRequest {
  readonly #symbols: string[] = ['']
  readonly #numbers = new Map([['', 0]])
  readonly #series: Series[] = []
  readonly #parts: Uint8Array[] = []
  #bytes = 0

  get isEmpty(): boolean {
    return this.#series.length === 0
  }

  /** False, and nothing has changed, if it would be longer than `maxBytes`; the first series is always taken. */
  take(series: Series, maxBytes: number): boolean {
    const known = this.#symbols.length
    const part = written(() => this.#writeSeries(series))
    const added = this.#symbols.slice(known)
    const more = added.reduce((sum, one) => sum + Buffer.byteLength(one) + SYMBOL_HEAD, part.length)
    if (!this.isEmpty && this.#bytes + more > maxBytes) {
      for (const symbol of this.#symbols.splice(known)) this.#numbers.delete(symbol)
      return false
    }
    this.#bytes += more
    this.#parts.push(part)
    this.#series.push(series)
    return true
  }

  end(): WriteRequest {
    const table = written(() => {
      for (const symbol of this.#symbols) writer.string((4 << 3) | BYTES, symbol)
    })
    const all = this.#series.flatMap(({ samples }) => [...samples.values()])
    const histograms = all.filter(isHistogram).length
    return {
      body: snappyBlock(Buffer.concat([table, ...this.#parts])),
      points: this.#series.reduce((sum, { points }) => sum + points, 0),
      v2: { series: this.#series, samples: all.length - histograms, histograms },
    }
  }

  #number(symbol: string): number {
    const known = this.#numbers.get(symbol)
    if (known !== undefined) return known
    const number = this.#symbols.push(symbol) - 1
    this.#numbers.set(symbol, number)
    return number
  }

  /** Numbers and histograms of one name are two series, as the specification asks. */
  #writeSeries(series: Series): void {
    const inOrder = [...series.samples].sort(([a], [b]) => a - b)
    const histograms = inOrder.filter(([, recorded]) => isHistogram(recorded))
    const numbers = inOrder.filter(([, recorded]) => !isHistogram(recorded))
    const { exemplars } = series
    if (numbers.length > 0) this.#writePart(series, numbers, exemplars)
    const left = numbers.length > 0 ? [] : exemplars
    if (histograms.length > 0) this.#writePart(series, histograms, left)
  }

  #writePart(
    { labels, metadata }: Series,
    samples: readonly Timed[],
    exemplars: readonly TextExemplar[],
  ): void {
    nested(5, () => {
      this.#writeLabels(labels)
      for (const [timeMs, recorded] of samples) writeSample(timeMs, recorded)
      for (const exemplar of exemplars) this.#writeExemplar(exemplar)
      nested(5, () => this.#writeMetadata(metadata))
    })
  }

  #writeLabels(labels: Iterable<readonly [name: string, value: string]>): void {
    const numbers = [...labels].flatMap((pair) => pair.map((text) => this.#number(text)))
    writer.packedVarints((1 << 3) | BYTES, numbers)
  }

  #writeExemplar({ labels, value, time }: TextExemplar): void {
    nested(4, () => {
      this.#writeLabels(sorted(labels))
      writer.double((2 << 3) | DOUBLE, value)
      writer.int64(3 << 3, milliseconds(time))
    })
  }

  #writeMetadata({ type, help, unit }: Metadata): void {
    writer.uint32(1 << 3, TYPES[type])
    writer.uint32(3 << 3, this.#number(help))
    writer.uint32(4 << 3, this.#number(unit))
  }
}

const isHistogram = ({ value }: Recorded): boolean => typeof value === 'object'

function writeSample(timeMs: number, { value, startMs }: Recorded): void {
  if (typeof value !== 'object') {
    nested(2, () => {
      writeNumber(timeMs, value)
      if (startMs > 0) writer.int64(3 << 3, startMs)
    })
  } else if (value.native !== undefined) {
    const { native } = value
    nested(3, () => {
      writeHistogram(timeMs, value, native)
      if (startMs > 0) writer.int64(17 << 3, startMs)
    })
  }
}
