import { DB_SYSTEM_NAME_VALUE_POSTGRESQL } from '@opentelemetry/semantic-conventions'
import type { DatabaseCall } from '../database.ts'
import type { PostgresExchange } from './stitch.ts'

/** `SELECT 5`, `INSERT 0 1`, `CREATE TABLE`: what was done, and to how many rows. */
const COMPLETED = /^([A-Z]+(?: [A-Z]+)*)(?: \d+)?(?: (\d+))?$/
const RETURNS_ROWS = /^(?:SELECT|FETCH) (\d+)$/
/** Source: https://www.postgresql.org/docs/17/errcodes-appendix.html */
const SQL_STATE = /^[0-9A-Z]{5}$/

/** Source: https://opentelemetry.io/docs/specs/semconv/db/postgresql/ */
export function postgresCall(exchange: PostgresExchange): DatabaseCall {
  const { statement, completed, failure, database, startNs, endNs, tgid } = exchange
  const rows = RETURNS_ROWS.exec(completed)?.[1]
  const code = SQL_STATE.test(exchange.sqlState) ? exchange.sqlState : ''
  return {
    system: DB_SYSTEM_NAME_VALUE_POSTGRESQL,
    operation: COMPLETED.exec(completed)?.[1] ?? '',
    summary: statement?.summary ?? '',
    namespace: database,
    queryText: statement?.text ?? '',
    statusCode: code,
    error: failure || code || (exchange.sqlState === '' ? '' : '_OTHER'),
    rows: rows === undefined ? undefined : Number(rows),
    partial: partialOf(exchange),
    startNs,
    endNs,
    tgid,
  }
}

function partialOf({ statement, database, uncaptured }: PostgresExchange): string {
  if (statement === undefined) return 'statement_unknown'
  if (uncaptured) return 'result_uncaptured'
  return database === '' ? 'database_unknown' : ''
}
