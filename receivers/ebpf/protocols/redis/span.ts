import { DB_SYSTEM_NAME_VALUE_REDIS } from '../../semconv.ts'
import type { DatabaseCall } from '../database.ts'
import type { RedisExchange } from './stitch.ts'

/** The first word of an error is its code. Source: https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors */
const CODE = /^[A-Z][A-Z0-9_]{0,31}(?= |$)/
/** How a cluster says where a key lives: nothing is wrong. */
const REDIRECTS = new Set(['MOVED', 'ASK'])
const UNKNOWN = /^ERR unknown (sub)?command/i

function errorCode({ reply }: RedisExchange): string {
  if (reply === undefined || (reply.type !== '-' && reply.type !== '!')) return ''
  return CODE.exec(reply.text)?.[0] ?? '_OTHER'
}

/** What Redis does not know may be anything that was typed: it is no name of an operation. */
function operationOf({ command: { name }, reply }: RedisExchange): string {
  const unknown = UNKNOWN.exec(reply?.text ?? '')
  if (unknown === null) return name
  return unknown[1] === undefined ? '' : (name.split(' ')[0] ?? '')
}

/** Source: https://opentelemetry.io/docs/specs/semconv/db/redis/ */
export function redisCall(exchange: RedisExchange): DatabaseCall {
  const code = errorCode(exchange)
  const { failure, database, startNs, endNs, tgid } = exchange
  return {
    system: DB_SYSTEM_NAME_VALUE_REDIS,
    operation: operationOf(exchange),
    summary: '',
    namespace: database,
    queryText: '',
    statusCode: code,
    error: failure || (REDIRECTS.has(code) ? '' : code),
    rows: undefined,
    partial: database === '' ? 'database_unknown' : '',
    startNs,
    endNs,
    tgid,
  }
}
