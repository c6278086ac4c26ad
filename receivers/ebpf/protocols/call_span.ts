import {
  ATTR_CLIENT_ADDRESS,
  ATTR_NETWORK_PEER_ADDRESS,
  ATTR_NETWORK_PEER_PORT,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
} from '@opentelemetry/semantic-conventions'
import { type Attribute, int, string } from '../../../pipeline/data/attributes.ts'
import { NO_SPAN, SpanKind, type SpanLink, StatusCode } from '../../../pipeline/data/traces.ts'
import type { Connection, StreamHost } from '../protocol.ts'
import type { Only } from '../signals.ts'
import { type Extracted, NEW_TRACE } from '../trace_context/extract.ts'
import { newSpanId, newTraceId } from '../trace_context/ids.ts'
import type { Sample } from '../trace_context/sampling.ts'
import { childFlags, ROOT_FLAGS } from '../trace_context/span_flags.ts'
import { onlyOf } from './only.ts'

/** A call as its span says it. */
export interface Call {
  readonly name: string
  /** A value of SpanKind. */
  readonly kind: number
  /** Asked for when they are needed. */
  readonly attributes: Attribute[]
  /** What came with it of its trace; when it is left out, the protocol passes on none. */
  readonly extracted?: Extracted
  /** What a rule leaves of it. */
  readonly only?: Only
  /** That has been counted, and no sampler need be asked. */
  readonly counted?: boolean
  readonly links?: readonly SpanLink[]
  readonly failed: boolean
  /** What is known of a failure besides. */
  readonly message?: string
  readonly startNs: number
  readonly endNs: number
  readonly tgid: number
}

/** Sends the call as a span, if that is sampled; it is measured in any case. */
export function emitCall(call: Call, host: StreamHost, sample: Sample): void {
  const { name, kind, tgid, extracted = NEW_TRACE } = call
  const { parent } = extracted
  const traceId = parent?.traceId ?? newTraceId()
  const decide = host.serviceOf(tgid)?.settings.sample ?? sample
  const only =
    call.counted === true
      ? call.only
      : onlyOf(host, decide(extracted, traceId, name, kind), call.only)
  if (only === 'nothing') return
  const isBelow = kind === SpanKind.server || kind === SpanKind.consumer
  host.emit(
    {
      ...NO_SPAN,
      traceId,
      spanId: newSpanId(),
      parentSpanId: parent?.spanId ?? '',
      traceState: parent?.traceState ?? '',
      flags: parent === undefined ? ROOT_FLAGS : childFlags(parent.flags, isBelow),
      name,
      kind,
      start: host.unixTime(call.startNs),
      end: host.unixTime(Math.max(call.startNs, call.endNs)),
      attributes: call.attributes,
      links: call.links ?? [],
      status: {
        code: call.failed ? StatusCode.error : StatusCode.unset,
        message: call.message ?? '',
      },
    },
    tgid,
    only,
  )
}

/** Texts that are '' say nothing. */
export function addTexts(attributes: Attribute[], texts: Readonly<Record<string, string>>): void {
  for (const [key, value] of Object.entries(texts)) {
    if (value !== '') attributes.push(string(key, value))
  }
}

/** The two sides of a connection, or of datagrams. */
export type Ends = Pick<
  Connection,
  'role' | 'localAddress' | 'localPort' | 'peerAddress' | 'peerPort'
>

/** Server, client and peer, if they are known. */
export function addAddresses(attributes: Attribute[], ends: Ends): void {
  const { localAddress, localPort, peerAddress, peerPort } = ends
  if (peerAddress === '') return
  const isServer = ends.role === 'server'
  addTexts(attributes, { [ATTR_SERVER_ADDRESS]: isServer ? localAddress : peerAddress })
  attributes.push(
    int(ATTR_SERVER_PORT, isServer ? localPort : peerPort),
    string(ATTR_NETWORK_PEER_ADDRESS, peerAddress),
    int(ATTR_NETWORK_PEER_PORT, peerPort),
  )
  if (isServer) attributes.push(string(ATTR_CLIENT_ADDRESS, peerAddress))
}
