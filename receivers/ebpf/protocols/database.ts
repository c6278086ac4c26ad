import {
  ATTR_CLIENT_ADDRESS,
  ATTR_DB_NAMESPACE,
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_QUERY_SUMMARY,
  ATTR_DB_QUERY_TEXT,
  ATTR_DB_RESPONSE_STATUS_CODE,
  ATTR_DB_SYSTEM_NAME,
  ATTR_ERROR_TYPE,
  ATTR_NETWORK_PEER_ADDRESS,
  ATTR_NETWORK_PEER_PORT,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
} from '@opentelemetry/semantic-conventions'
import { type Attribute, int, string } from '../../../pipeline/data/attributes.ts'
import { SpanKind, StatusCode } from '../../../pipeline/data/traces.ts'
import type { Connection, StreamHost } from '../protocol.ts'
import { ATTR_DB_RESPONSE_RETURNED_ROWS } from '../semconv.ts'
import { NEW_TRACE } from '../trace_context/extract.ts'
import { newSpanId, newTraceId } from '../trace_context/ids.ts'
import { FLAG_RANDOM, FLAG_SAMPLED } from '../trace_context/parent.ts'
import type { Sample } from '../trace_context/sampling.ts'
import { ATTR_WEIR_PARTIAL } from './http1/span.ts'

/** A request to a database and what came of it. Texts are '' where nothing is known, or nothing is to be told. */
export interface DatabaseCall {
  /** A value of db.system.name. */
  readonly system: string
  readonly operation: string
  readonly summary: string
  readonly namespace: string
  /** Without any literal. */
  readonly queryText: string
  readonly statusCode: string
  /** A value of error.type. */
  readonly error: string
  readonly rows: number | undefined
  /** Why it was seen only in part: a reason's name. */
  readonly partial: string
  readonly startNs: number
  readonly endNs: number
  readonly tgid: number
}

/** By the conventions for databases: the summary, else the operation. Addresses say little that is of low cardinality. */
const nameOf = ({ summary, operation, system }: DatabaseCall) => summary || operation || system

/** Sends the call as a span, of the side that is watched. No database passes on a trace, so each begins one. */
export function emitDatabaseCall(
  call: DatabaseCall,
  connection: Connection,
  host: StreamHost,
  sample: Sample,
): void {
  const traceId = newTraceId()
  const name = nameOf(call)
  const kind = connection.role === 'server' ? SpanKind.server : SpanKind.client
  const decide = host.serviceOf(call.tgid)?.settings.sample ?? sample
  if (!decide(NEW_TRACE, traceId, name, kind)) {
    host.count('unsampled')
    return
  }
  const code = call.error === '' ? StatusCode.unset : StatusCode.error
  host.emit(
    {
      traceId,
      spanId: newSpanId(),
      parentSpanId: '',
      traceState: '',
      flags: FLAG_SAMPLED | FLAG_RANDOM,
      name,
      kind,
      start: host.unixTime(call.startNs),
      end: host.unixTime(Math.max(call.startNs, call.endNs)),
      attributes: databaseAttributes(call, connection),
      droppedAttributesCount: 0,
      events: [],
      droppedEventsCount: 0,
      links: [],
      droppedLinksCount: 0,
      status: { code, message: '' },
    },
    call.tgid,
  )
}

/** Source: https://opentelemetry.io/docs/specs/semconv/db/database-spans/ */
export function databaseAttributes(call: DatabaseCall, connection: Connection): Attribute[] {
  const attributes = [string(ATTR_DB_SYSTEM_NAME, call.system)]
  const add = (key: string, value: string) => {
    if (value !== '') attributes.push(string(key, value))
  }
  add(ATTR_DB_NAMESPACE, call.namespace)
  add(ATTR_DB_OPERATION_NAME, call.operation)
  add(ATTR_DB_QUERY_SUMMARY, call.summary)
  add(ATTR_DB_QUERY_TEXT, call.queryText)
  add(ATTR_DB_RESPONSE_STATUS_CODE, call.statusCode)
  add(ATTR_ERROR_TYPE, call.error)
  if (call.rows !== undefined) attributes.push(int(ATTR_DB_RESPONSE_RETURNED_ROWS, call.rows))
  addAddresses(attributes, connection)
  add(ATTR_WEIR_PARTIAL, call.partial)
  return attributes
}

function addAddresses(attributes: Attribute[], connection: Connection): void {
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
