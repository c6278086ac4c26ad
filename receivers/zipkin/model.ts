import { RequestFault } from '../../pipeline/net/posted_spans.ts'

/** Who spoke; absent parts are '' and 0. */
export interface Endpoint {
  readonly serviceName: string
  readonly ipv4: string
  readonly ipv6: string
  readonly port: number
}

/** Microseconds since 1970, and a text. */
export interface Annotation {
  readonly timestamp: bigint
  readonly value: string
  readonly endpoint: Endpoint | undefined
}

/** Ids are lowercase hex, 32 and 16 digits. */
interface Identity {
  readonly traceId: string
  readonly id: string
  /** '' of a root. */
  readonly parentId: string
  readonly name: string
  /** Microseconds; undefined if it was not said. */
  readonly timestamp: bigint | undefined
  readonly duration: bigint
  readonly annotations: readonly Annotation[]
}

/** A span of version 2, whatever it was written in. */
export interface SpanV2 extends Identity {
  readonly kind: '' | 'CLIENT' | 'SERVER' | 'PRODUCER' | 'CONSUMER'
  readonly local: Endpoint | undefined
  readonly remote: Endpoint | undefined
  readonly tags: ReadonlyMap<string, string>
}

/** A typed value; of JSON all are text. */
export interface BinaryAnnotation {
  readonly key: string
  readonly value: string | number | bigint | boolean
  readonly endpoint: Endpoint | undefined
}

export interface SpanV1 extends Identity {
  readonly binaryAnnotations: readonly BinaryAnnotation[]
}

/** Why a request is none of Zipkin's. */
export class ZipkinFault extends RequestFault {
  override readonly code = 'ZIPKIN_INVALID'
}

const TRACE_DIGITS = 32
const SPAN_DIGITS = 16

const idOf = (hex: string, digits: number, what: string): string => {
  if (!/^[0-9a-fA-F]+$/.test(hex) || hex.length > digits) {
    throw new ZipkinFault(`valid ${what} required, got ${JSON.stringify(hex)}`)
  }
  const id = hex.toLowerCase().padStart(digits, '0')
  if (/^0+$/.test(id)) throw new ZipkinFault(`valid ${what} required, got zeros`)
  return id
}

/** Shorter ids are filled up with zeros. Throw `ZipkinFault` for zeros alone, and for what is no hex. */
export const traceIdOf = (hex: string): string => idOf(hex, TRACE_DIGITS, 'traceId')
export const spanIdOf = (hex: string): string => idOf(hex, SPAN_DIGITS, 'span id')
export const parentIdOf = (hex: string): string =>
  hex === '' || /^0+$/.test(hex) ? '' : idOf(hex, SPAN_DIGITS, 'parentId')
