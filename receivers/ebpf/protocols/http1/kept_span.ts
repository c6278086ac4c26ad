import type { ProtobufWriter } from '../../../../pipeline/codec/protobuf_writer.ts'
import { fixed64, len } from '../../../../pipeline/codec/wire.ts'
import type { EncodedSpans } from '../../protocol.ts'
import type { Service } from '../../services.ts'
import { SPAN_ID_BYTES, TRACE_ID_BYTES, writeId } from '../../trace_context/ids.ts'

/** Tag and length of a span that takes two bytes for its length. */
const HEADER_BYTES = 3
const HEADER_FROM = 128
/** Two times, each a tag and eight bytes. */
const TIMES_BYTES = 18

/** What a span is made from beside its connection and what was said. */
export interface Told {
  readonly service: Pick<Service, 'settings' | 'routes'> | undefined
  readonly method: string
  readonly path: string
  readonly route: string
  readonly status: number
}

/** The span written in place last: streams are called one at a time, so they share it. */
class WrittenSpan implements Told {
  /** Undefined: the exchange gave none. The span is the last in it. */
  w: ProtobufWriter | undefined
  /** Where its ids begin, its name, its times. */
  start = 0
  nameAt = 0
  timesAt = 0
  service: Told['service']
  method = ''
  path = ''
  route = ''
  status = 0
}

export const written = new WrittenSpan()

/** A span without parent that was written in place, but for its ids and times: header, name and kind, what is behind the times. */
export class KeptSpan {
  #told: Told | undefined
  #room: Uint8Array = new Uint8Array(0)
  #at = 0
  #restAt = 0
  #end = 0

  /** Undefined while none is kept. */
  get told(): Told | undefined {
    return this.#told
  }

  forget(): void {
    this.#told = undefined
  }

  /** Takes the span written last, into `room` from `at` on, if it fits. */
  keep(room: Uint8Array, at: number): void {
    const { w, start, nameAt, timesAt, service, method, path, route, status } = written
    this.#told = undefined
    if (w === undefined || w.length - start < HEADER_FROM) return
    const restAt = timesAt + TIMES_BYTES
    this.#room = room
    this.#at = at
    this.#restAt = at + HEADER_BYTES + timesAt - nameAt
    this.#end = this.#restAt + w.length - restAt
    if (this.#end > room.length) return
    w.copyTo(room, at, start - HEADER_BYTES, start)
    w.copyTo(room, at + HEADER_BYTES, nameAt, timesAt)
    w.copyTo(room, this.#restAt, restAt, w.length)
    this.#told = { service, method, path, route, status }
  }

  /** The same once more, under another id and at another time. */
  write(w: ProtobufWriter, spans: EncodedSpans, firstNs: number, lastNs: number): void {
    w.copy(this.#room, this.#at, this.#at + HEADER_BYTES)
    writeId(w, len(1), TRACE_ID_BYTES)
    writeId(w, len(2), SPAN_ID_BYTES)
    w.copy(this.#room, this.#at + HEADER_BYTES, this.#restAt)
    writeTimes(spans, w, firstNs, lastNs)
    w.copy(this.#room, this.#restAt, this.#end)
  }
}

/** Begin and end of a span. */
export function writeTimes(
  spans: EncodedSpans,
  w: ProtobufWriter,
  firstNs: number,
  lastNs: number,
): void {
  spans.writeTime(w, fixed64(7), firstNs)
  spans.writeTime(w, fixed64(8), Math.max(lastNs, firstNs))
}
