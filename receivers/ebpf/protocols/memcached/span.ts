import { DB_SYSTEM_NAME_VALUE_MEMCACHED } from '../../semconv.ts'
import type { DatabaseCall } from '../database.ts'
import type { MemcachedExchange } from './stitch.ts'
import { hasSpan } from './waiting.ts'

/** Commands whose answers say what was there. */
const ASKING = new Set(['get', 'gets', 'gat', 'gats', 'mg'])

export const isHousekeeping = (exchange: MemcachedExchange): boolean =>
  !hasSpan(exchange) && exchange.failure === ''

/** Source: https://opentelemetry.io/docs/specs/semconv/db/database-spans/ */
export function memcachedCall(exchange: MemcachedExchange): DatabaseCall {
  const { command, keys, partial, found, error, failure, startNs, endNs, tgid } = exchange
  const { name } = command
  const isCut = partial === 'memcached_cut'
  const isKnown = partial === '' && failure === '' && error === ''
  return {
    system: DB_SYSTEM_NAME_VALUE_MEMCACHED,
    operation: isCut || keys > 1 ? `BATCH ${name}` : name,
    ...(isCut ? {} : { batchSize: keys }),
    summary: '',
    namespace: '',
    queryText: '',
    statusCode: error,
    error: failure || error,
    rows: isKnown && ASKING.has(name) ? found : undefined,
    partial,
    startNs,
    endNs,
    tgid,
  }
}
