import { isUtf8 } from 'node:buffer'
import type { JsonLoss } from '../codec/json_decode.ts'
import { JsonReader, parseJson } from '../codec/json_reader.ts'
import { ProtobufReader } from '../codec/protobuf_reader.ts'
import { scan, scanFault } from '../codec/scan.ts'
import type { SignalCodec } from '../codec/signal_codec.ts'
import { messageOf } from '../message_of.ts'
import { Batch } from './batch.ts'
import { DecodedSegment, EncodedSegment, FIELD_1, type OnLoss, type Segment } from './segment.ts'

export type Scanned<R> =
  | { readonly kind: 'batch'; readonly batch: Batch<R> }
  | { readonly kind: 'invalid'; readonly reason: string }

/**
 * A batch of the bytes of an Export...ServiceRequest, which it owns from now on. Checks all of them, so that
 * nobody downstream meets a fault; decodes nothing.
 */
export function scanRequest<R>(
  codec: SignalCodec<R>,
  bytes: Uint8Array,
  onLoss: OnLoss,
): Scanned<R> {
  const segments: Segment<R>[] = []
  const r = new ProtobufReader(bytes)
  for (let tag = r.tag(); tag !== 0; tag = r.tag()) {
    if (tag !== FIELD_1) {
      r.skip(tag, 1 << 1)
      continue
    }
    const length = r.length()
    const start = r.position
    const count = scan(bytes, start, start + length, codec.root)
    if (count < 0) return { kind: 'invalid', reason: scanFault() }
    const body = bytes.subarray(start, start + length)
    segments.push(new EncodedSegment(codec, body, count, onLoss))
    r.advance(length)
  }
  if (r.fault !== undefined) return { kind: 'invalid', reason: r.fault }
  return { kind: 'batch', batch: new Batch(codec, segments, bytes) }
}

/** The same of a request in OTLP's JSON. */
export function readJsonRequest<R>(
  codec: SignalCodec<R>,
  bytes: Uint8Array,
  onLoss: OnLoss,
): Scanned<R> {
  if (!isUtf8(bytes)) onLoss('invalid_utf8', 1)
  const loss: JsonLoss = { tooDeep: 0 }
  try {
    const request = new JsonReader(parseJson(Buffer.from(bytes).toString()), 'request')
    const data = request.objects(codec.jsonMember, (one) => codec.fromJson(one, loss))
    if (loss.tooDeep > 0) onLoss('attribute_nested_too_deep', loss.tooDeep)
    return {
      kind: 'batch',
      batch: new Batch(
        codec,
        data.map((one) => new DecodedSegment(codec, one)),
      ),
    }
  } catch (error) {
    return { kind: 'invalid', reason: messageOf(error) }
  }
}
