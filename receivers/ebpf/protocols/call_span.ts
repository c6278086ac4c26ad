import {
  ATTR_CLIENT_ADDRESS,
  ATTR_NETWORK_PEER_ADDRESS,
  ATTR_NETWORK_PEER_PORT,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
} from '@opentelemetry/semantic-conventions'
import { type Attribute, int, string } from '../../../pipeline/data/attributes.ts'
import { NO_SPAN, type SpanLink, StatusCode } from '../../../pipeline/data/traces.ts'
import type { Connection, StreamHost } from '../protocol.ts'
import { NEW_TRACE } from '../trace_context/extract.ts'
import { newSpanId, newTraceId } from '../trace_context/ids.ts'
import { FLAG_RANDOM, FLAG_SAMPLED } from '../trace_context/parent.ts'
import type { Sample } from '../trace_context/sampling.ts'
import { onlyOf } from './only.ts'

/** A call in a protocol that passes on no trace, as its span says it. */
export interface Call {
  readonly name: string
  /** A value of SpanKind. */
  readonly kind: number
  readonly attributes: Attribute[]
  readonly links?: readonly SpanLink[]
  readonly failed: boolean
  /** What is known of a failure besides. */
  readonly message?: string
  readonly startNs: number
  readonly endNs: number
  readonly tgid: number
}

/** Sends the call as a span that begins a trace, if that is sampled; it is measured in any case. */
export function emitCall(call: Call, host: StreamHost, sample: Sample): void {
  const traceId = newTraceId()
  const { name, kind, attributes, tgid } = call
  const decide = host.serviceOf(tgid)?.settings.sample ?? sample
  const only = onlyOf(host, decide(NEW_TRACE, traceId, name, kind))
  if (only === 'nothing') return
  host.emit(
    {
      ...NO_SPAN,
      traceId,
      spanId: newSpanId(),
      flags: FLAG_SAMPLED | FLAG_RANDOM,
      name,
      kind,
      start: host.unixTime(call.startNs),
      end: host.unixTime(Math.max(call.startNs, call.endNs)),
      attributes,
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

/** Server, client and peer, if they are known. */
export function addAddresses(attributes: Attribute[], connection: Connection): void {
  const { localAddress, localPort, peerAddress, peerPort } = connection
  if (peerAddress === '') return
  const isServer = connection.role === 'server'
  attributes.push(
    string(ATTR_SERVER_ADDRESS, isServer ? localAddress : peerAddress),
    int(ATTR_SERVER_PORT, isServer ? localPort : peerPort),
    string(ATTR_NETWORK_PEER_ADDRESS, peerAddress),
    int(ATTR_NETWORK_PEER_PORT, peerPort),
  )
  if (isServer) attributes.push(string(ATTR_CLIENT_ADDRESS, peerAddress))
}
