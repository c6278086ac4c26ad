import {
  DB_SYSTEM_NAME_VALUE_MARIADB,
  DB_SYSTEM_NAME_VALUE_MYSQL,
} from '@opentelemetry/semantic-conventions'
import type { DatabaseCall } from '../database.ts'
import type { MysqlSystem } from './servers.ts'
import type { MysqlExchange } from './stitch.ts'

const SYSTEMS: Readonly<Record<MysqlSystem, string>> = {
  mysql: DB_SYSTEM_NAME_VALUE_MYSQL,
  mariadb: DB_SYSTEM_NAME_VALUE_MARIADB,
}

/** Source: https://opentelemetry.io/docs/specs/semconv/db/mysql/ */
export function mysqlCall(exchange: MysqlExchange, system: MysqlSystem): DatabaseCall {
  const { statement, error, failure, database, rows, startNs, endNs, tgid } = exchange
  const code = error === undefined ? '' : String(error.code)
  return {
    system: SYSTEMS[system],
    operation: '',
    summary: statement?.summary ?? '',
    namespace: database ?? '',
    queryText: statement?.text ?? '',
    statusCode: code,
    error: failure || code,
    ...(error?.sqlState ? { errorMessage: `SQLSTATE ${error.sqlState}` } : {}),
    rows: exchange.uncaptured ? undefined : rows,
    partial: partialOf(exchange),
    startNs,
    endNs,
    tgid,
  }
}

function partialOf({ statement, database, uncaptured }: MysqlExchange): string {
  if (statement === undefined) return 'statement_unknown'
  if (uncaptured) return 'result_uncaptured'
  return database === undefined ? 'database_unknown' : ''
}
