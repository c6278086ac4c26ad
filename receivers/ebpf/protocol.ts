import type { ProtobufWriter } from '../../pipeline/codec/protobuf_writer.ts'
import type { Span } from '../../pipeline/data/traces.ts'
import type { Recorder } from './metrics/recorder.ts'
import type { Role } from './role.ts'
import type { Service } from './services.ts'
import type { Only } from './signals.ts'

/** `request`: towards the server. Role and the kernel's in/out give it; nobody guesses it. */
export type Direction = 'request' | 'response'

/** In the stream of each direction. */
export type Positions = Readonly<Record<Direction, number>>

/** What a protocol knows of the connection it reads. Addresses are text, '' when they are not known. */
export interface Connection {
  /** Below 2^53. */
  readonly id: number
  readonly role: Role
  readonly tls: boolean
  /** What the kernel takes it for: a value of `Protocol`, 0 while it does not know. */
  readonly protocol: number
  /** Older than the agent: the first bytes seen may be the middle of a message. */
  readonly adopted: boolean
  readonly localAddress: string
  readonly localPort: number
  readonly peerAddress: string
  readonly peerPort: number
  /** Where this conversation begins, if another came before it; else at 0. */
  readonly begins?: Positions | undefined
  /** The client that a proxy names in front of what it sends: forgeable by whoever may connect. */
  readonly proxied?: string | undefined
}

/**
 * Bytes that moved one way, in stream order. Times are nanoseconds since the agent's epoch (boot clock),
 * at which the calls that moved the bytes returned.
 */
export interface Chunk {
  readonly direction: Direction
  /** Of the first byte, in this direction's stream. A jump since the last chunk's end is a gap. */
  readonly position: number
  /** Bytes right before these that were left out, for nothing is read of them: no gap. */
  readonly passed?: number
  /** Bytes that moved, of which only `data` was captured. */
  readonly bytes: number
  /** The captured beginning. A view: valid only during the call. */
  readonly data: Buffer
  /** The last bytes of the last call, at most 8; empty when they could not be read. A view, too. */
  readonly tail: Buffer
  readonly firstNs: number
  readonly lastNs: number
  readonly tgid: number
}

export type EndReason = 'in' | 'out' | 'closed' | 'reset' | 'evicted'

/**
 * - `ignore`: nothing more but the end.
 * - `chunks`: every call's bytes whole, in one chunk or several, up to a bound per run.
 * - `exchange`: paired in the kernel, heads only.
 * - `http2`: as chunks, and the kernel follows heads of frames.
 * - `grpc`: the same, with the messages in them.
 * - `nats`: as chunks, and the kernel follows lines, so that payloads are left out.
 * - `amqp`, `mqtt`: as chunks, without the bound: what comes one way may never be answered.
 */
export type Verdict = 'ignore' | 'chunks' | 'exchange' | 'http2' | 'grpc' | 'nats' | 'amqp' | 'mqtt'

/** `span` as it leaves, but for what only the receiver knows: the resource, by `tgid`. */
export type EmitSpan = (span: Span, tgid: number, only?: Only) => void

/** What a protocol's stream may call back. Everything it drops it counts, by a reason of reasons.ts. */
export interface StreamHost {
  readonly emit: EmitSpan
  count(reason: string, n?: number): void
  verdict(verdict: Verdict): void
  /**
   * The connection goes on with another conversation, of any protocol unless `open` says of which: bytes from `at` on are another
   * stream's. `proxied`: the client that a proxy has named.
   */
  become(at: Positions, open?: OpenStream, proxied?: string): void
  /** The process as a service; undefined when it has ended unknown. */
  serviceOf(tgid: number): Pick<Service, 'settings' | 'routes'> | undefined
  /** A request with traces in OTLP was answered by success: the process sent it, or as a server took it. */
  movedOtlpTraces(tgid: number, role: Role): void
  /** Nanoseconds since the agent's epoch to wall time. */
  unixTime(ns: number): readonly [seconds: number, nanoseconds: number]
  /** Measures exchanges, sampled or not; undefined while no metrics pipeline wants that. */
  readonly recorder?: Recorder | undefined
  /** For spans that a protocol writes itself; absent where spans are wanted as objects. */
  readonly encoded?: EncodedSpans
}

/** Takes spans as bytes: without an object per span and attribute in between, one costs a fifth. */
export interface EncodedSpans {
  /** Where the next one goes, as field 2 of a ScopeSpans; undefined when nothing of it is wanted, which is then counted. */
  begin(): ProtobufWriter | undefined
  /** False: it is to be measured and no more, which is counted. */
  isTraced(): boolean
  /** The one begun last is written. */
  end(tgid: number): void
  /** `unixTime(ns)` as a fixed64. */
  writeTime(to: ProtobufWriter, tag: number, ns: number): void
}

/** One side of an exchange, as in Chunk; the captured bytes are those of `Paired.bytes` from `start` to `end`. */
export interface PairedRun {
  readonly position: number
  readonly bytes: number
  readonly start: number
  readonly end: number
  readonly firstNs: number
  readonly lastNs: number
}

/** A request and the first call of its answer, paired in the kernel. Valid only during the call. */
export interface Paired {
  readonly bytes: Uint8Array
  readonly request: PairedRun
  readonly response: PairedRun
  readonly tgid: number
}

/**
 * How far a run (bytes one way without a byte the other way in between) has come, by the kernel's counters:
 * read from the connection table, or taken from an end record. No bytes come with it but `tail`.
 */
export interface RunProgress {
  readonly direction: Direction
  /** Of the run's first byte: tells whether this is the run that the stream waits for or a later one. */
  readonly position: number
  /** Moved so far. */
  readonly bytes: number
  /** When the last of them moved. */
  readonly lastNs: number
  /** As in Chunk. */
  readonly tail: Buffer
  /**
   * By an end record, which comes in order with the others: no record of these bytes is still to come. False for counters
   * that were read from the table, which run ahead of the records.
   */
  readonly inOrder: boolean
}

/** One connection's conversation in one protocol. Never throws; every queue in it is bounded. */
export interface Stream {
  /** An exchange paired in the kernel arrives as its two chunks, unless `exchange` has taken it: the same code pairs both ways. */
  chunk(chunk: Chunk): void
  /** A shorter way for what is simple. False: nothing was done, and its chunks are wanted. */
  exchange?(paired: Paired): boolean
  /** The direction, or the connection, is over at `ns`. */
  end(reason: EndReason, ns: number): void
  /** True while the end of a response is awaited: the receiver then reads the kernel's counters and calls `progress`. */
  readonly awaitsProgress: boolean
  /**
   * A run has come this far; `nowNs` is the agent's clock at the call. Called while `awaitsProgress` after each drain that
   * emptied the connection's ring, changed or not: that nothing moved for a while is news, too. An end record gives both
   * its runs, request first, then `end`.
   */
  progress(run: RunProgress, nowNs: number): void
}

/** How a protocol takes on a connection: protocols/table.ts makes one for each from the configuration. */
export type OpenStream = (connection: Connection, host: StreamHost) => Stream

/** A protocol that is read as chunks: a line of protocols/table.ts. */
export interface ProtocolEntry {
  /** Of `Protocol`. */
  readonly id: number
  /** Does a message of this protocol begin with this chunk? Prefers a miss. */
  begins(chunk: Chunk, connection: Connection): boolean
  /** How the kernel is to go on with what it did not recognise; `chunks` when not said. */
  readonly verdict?: Verdict
  /** What follows this chunk may be TLS, which the kernel recognises as long as nobody has told it what this is. */
  precedesTls?(chunk: Chunk): boolean
  readonly open: OpenStream
}

export interface ParsedFrame<Frame> {
  readonly kind: 'frame'
  readonly bytes: number
  readonly frame: Frame
}

/** `otherwise`, of what needs more bytes: what to take instead, should they have passed without being captured. */
export type ParseResult<Frame> =
  | ParsedFrame<Frame>
  | { readonly kind: 'need_more'; readonly otherwise?: ParsedFrame<Frame> }
  | { readonly kind: 'ignored'; readonly bytes: number }
  | { readonly kind: 'end' }
  | { readonly kind: 'invalid'; readonly reason: string }

export const NEED_MORE: ParseResult<never> = { kind: 'need_more' }

export const invalid = (reason: string): ParseResult<never> => ({ kind: 'invalid', reason })
