import { Protocol } from '../../../bpf/events.gen.ts'
import type { OpenStream } from '../protocol.ts'
import { HTTP1_DEFAULTS, type Http1Options, http1 } from './http1/protocol.ts'

/** What the protocols take from the receiver's configuration. */
export interface ProtocolOptions {
  readonly http1: Http1Options
}

export const PROTOCOL_DEFAULTS: ProtocolOptions = { http1: HTTP1_DEFAULTS }

/** How to follow a connection, by the `enum protocol` of bpf/include/events.h: one line per protocol. */
export const protocolTable = (options: ProtocolOptions): ReadonlyMap<number, OpenStream> =>
  new Map([[Protocol.HTTP1, http1(options.http1)]])
