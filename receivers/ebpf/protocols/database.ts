import {
  ATTR_DB_COLLECTION_NAME,
  ATTR_DB_NAMESPACE,
  ATTR_DB_OPERATION_BATCH_SIZE,
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_QUERY_SUMMARY,
  ATTR_DB_QUERY_TEXT,
  ATTR_DB_RESPONSE_STATUS_CODE,
  ATTR_DB_SYSTEM_NAME,
  ATTR_ERROR_TYPE,
} from '@opentelemetry/semantic-conventions'
import { type Attribute, int, string } from '../../../pipeline/data/attributes.ts'
import { SpanKind } from '../../../pipeline/data/traces.ts'
import { ATTR_WEIR_PARTIAL } from '../partial.ts'
import type { Connection, StreamHost } from '../protocol.ts'
import { ATTR_DB_RESPONSE_RETURNED_ROWS } from '../semconv.ts'
import type { Sample } from '../trace_context/sampling.ts'
import { addAddresses, addTexts, emitCall } from './call_span.ts'

/** A request to a database and what came of it. Texts are '' where nothing is known, or nothing is to be told. */
export interface DatabaseCall {
  /** A value of db.system.name. */
  readonly system: string
  readonly operation: string
  /** Of a batch: how many operations. */
  readonly batchSize?: number
  readonly summary: string
  readonly namespace: string
  /** Of databases that have collections. */
  readonly collection?: string
  /** Without any literal. */
  readonly queryText: string
  readonly statusCode: string
  /** A value of error.type. */
  readonly error: string
  /** What else is known of the error. */
  readonly errorMessage?: string
  readonly rows: number | undefined
  /** Why it was seen only in part: a reason's name. */
  readonly partial: string
  readonly startNs: number
  readonly endNs: number
  readonly tgid: number
}

/** By the conventions for databases: the summary, else operation and collection. Addresses say little that is of low cardinality. */
export const nameOf = ({ summary, operation, collection = '', system }: DatabaseCall) =>
  summary || [operation || system, collection].filter((word) => word !== '').join(' ')

/** Sends the call as a span, of the side that is watched. No database passes on a trace, so each begins one. */
export function emitDatabaseCall(
  call: DatabaseCall,
  connection: Connection,
  host: StreamHost,
  sample: Sample,
): void {
  const { startNs, endNs, tgid } = call
  const kind = connection.role === 'server' ? SpanKind.server : SpanKind.client
  const attributes = databaseAttributes(call, connection)
  const failed = call.error !== ''
  const message = call.errorMessage ?? ''
  const told = { name: nameOf(call), kind, attributes, failed, message, startNs, endNs, tgid }
  emitCall(told, host, sample)
}

/** Source: https://opentelemetry.io/docs/specs/semconv/db/database-spans/ */
function databaseAttributes(call: DatabaseCall, connection: Connection): Attribute[] {
  const attributes = wordsOf(call)
  if (call.rows !== undefined) attributes.push(int(ATTR_DB_RESPONSE_RETURNED_ROWS, call.rows))
  addAddresses(attributes, connection)
  attributes.push(...partialOf(call))
  return attributes
}

/** What calls of the same kind say alike. */
export function wordsOf(call: DatabaseCall): Attribute[] {
  const attributes = [string(ATTR_DB_SYSTEM_NAME, call.system)]
  addTexts(attributes, {
    [ATTR_DB_NAMESPACE]: call.namespace,
    [ATTR_DB_COLLECTION_NAME]: call.collection ?? '',
    [ATTR_DB_OPERATION_NAME]: call.operation,
    [ATTR_DB_QUERY_SUMMARY]: call.summary,
    [ATTR_DB_QUERY_TEXT]: call.queryText,
    [ATTR_DB_RESPONSE_STATUS_CODE]: call.statusCode,
    [ATTR_ERROR_TYPE]: call.error,
  })
  // By the conventions never 1.
  if (call.batchSize !== undefined && call.batchSize > 1)
    attributes.push(int(ATTR_DB_OPERATION_BATCH_SIZE, call.batchSize))
  return attributes
}

export const partialOf = ({ partial }: DatabaseCall): Attribute[] =>
  partial === '' ? [] : [string(ATTR_WEIR_PARTIAL, partial)]
