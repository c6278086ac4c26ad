import type { ProtobufWriter } from '../../../../pipeline/codec/protobuf_writer.ts'
import { len } from '../../../../pipeline/codec/wire.ts'
import type { EncodedSpans } from '../../protocol.ts'
import { SPAN_ID_BYTES, TRACE_ID_BYTES, writeId } from '../../trace_context/ids.ts'
import { writeTimes, written } from './plain_span.ts'

/** Tag and length of a span that takes two bytes for its length. */
const HEADER_BYTES = 3
const HEADER_FROM = 128
/** Two times, each a tag and eight bytes. */
const TIMES_BYTES = 18

/** A span without parent that was written in place, but for its ids and times: header, name and kind, what is behind the times. */
export class KeptSpan {
  #room: Uint8Array = new Uint8Array(0)
  #at = 0
  #restAt = 0
  #end = 0

  /** Takes the span written last, into `room` from `at` on. False when it does not fit, and this one is void. */
  keep(room: Uint8Array, at: number): boolean {
    const { w, start, nameAt, timesAt } = written
    if (w === undefined || w.length - start < HEADER_FROM) return false
    const restAt = timesAt + TIMES_BYTES
    this.#room = room
    this.#at = at
    this.#restAt = at + HEADER_BYTES + timesAt - nameAt
    this.#end = this.#restAt + w.length - restAt
    if (this.#end > room.length) return false
    w.copyTo(room, at, start - HEADER_BYTES, start)
    w.copyTo(room, at + HEADER_BYTES, nameAt, timesAt)
    w.copyTo(room, this.#restAt, restAt, w.length)
    return true
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
