import { ATTR_ERROR_TYPE, ATTR_NETWORK_TRANSPORT } from '@opentelemetry/semantic-conventions'
import { type Attribute, int, string, strings } from '../../../../pipeline/data/attributes.ts'
import { SpanKind } from '../../../../pipeline/data/traces.ts'
import type { StreamHost } from '../../protocol.ts'
import { ATTR_DNS_ANSWERS, ATTR_DNS_QUESTION_NAME } from '../../semconv.ts'
import type { Sample } from '../../trace_context/sampling.ts'
import { addAddresses, addTexts, type Ends, emitCall } from '../call_span.ts'
import { typeName } from './codes.ts'

/** How many queries it took, where that was more than one. */
const ATTR_WEIR_DNS_QUERIES = 'weir.dns.queries'

export type Transport = 'udp' | 'tcp'

/** A question and what came of it. */
export interface Lookup {
  /** Whose side is watched; of what was asked last. */
  readonly ends: Ends
  readonly transport: Transport
  readonly name: string
  readonly type: number
  /** A value of error.type, '' of success. */
  readonly error: string
  readonly answers: readonly string[]
  readonly queries: number
  readonly startNs: number
  readonly endNs: number
  readonly tgid: number
}

export interface DnsOptions {
  /** Whether lookups are spans, too. */
  readonly spans: boolean
  /** After its last query a lookup waits so long for an answer. */
  readonly timeoutNs: number
  readonly sample: Sample
}

/** What a server says of a name is right, whatever it is; that it cannot say anything is its failure. */
const SERVER_FAILURES = new Set(['SERVFAIL', 'timeout', 'connection_closed', 'connection_reset'])

/**
 * Sends the lookup as a span of the side that is watched, and measures it. It is named by the type of the question, of which there
 * are few: names may be any number.
 */
export function emitLookup(lookup: Lookup, options: DnsOptions, host: StreamHost): void {
  const { ends, error, startNs, endNs, tgid } = lookup
  const isServer = ends.role === 'server'
  if (!options.spans) {
    host.count('dns_not_traced')
    if (isServer || host.recorder === undefined) return
  }
  emitCall(
    {
      name: `DNS ${typeName(lookup.type)}`.trimEnd(),
      kind: isServer ? SpanKind.server : SpanKind.client,
      attributes: attributesOf(lookup),
      failed: isServer ? SERVER_FAILURES.has(error) : error !== '',
      startNs,
      endNs,
      tgid,
      ...(options.spans ? {} : { only: 'metrics', counted: true }),
    },
    host,
    options.sample,
  )
}

/** Source: https://opentelemetry.io/docs/specs/semconv/registry/attributes/dns/ */
function attributesOf({ ends, transport, name, error, answers, queries }: Lookup): Attribute[] {
  const attributes = [string(ATTR_DNS_QUESTION_NAME, name)]
  if (answers.length > 0) attributes.push(strings(ATTR_DNS_ANSWERS, answers))
  addTexts(attributes, { [ATTR_ERROR_TYPE]: error, [ATTR_NETWORK_TRANSPORT]: transport })
  addAddresses(attributes, ends)
  if (queries > 1) attributes.push(int(ATTR_WEIR_DNS_QUERIES, queries))
  return attributes
}
