import { DB_SYSTEM_NAME_VALUE_MONGODB } from '../../semconv.ts'
import type { DatabaseCall } from '../database.ts'
import type { MongoExchange } from './stitch.ts'

/** By their names in small letters. */
const HOUSEKEEPING = new Set([
  'hello',
  'ismaster',
  'ping',
  'saslstart',
  'saslcontinue',
  'endsessions',
])
/** A command that the server does not know may be anything that was typed. */
const COMMAND_NOT_FOUND = '59'

export const isHousekeeping = ({ command: { name } }: MongoExchange): boolean =>
  HOUSEKEEPING.has(name.toLowerCase())

/** Source: https://opentelemetry.io/docs/specs/semconv/db/mongodb/ */
export function mongodbCall(exchange: MongoExchange): DatabaseCall {
  const { command, answer, failure, startNs, endNs, tgid } = exchange
  const code = answer?.code ?? ''
  const isKnown = code !== COMMAND_NOT_FOUND
  return {
    system: DB_SYSTEM_NAME_VALUE_MONGODB,
    operation: isKnown ? command.name : '',
    summary: '',
    namespace: command.database,
    collection: isKnown ? command.collection : '',
    queryText: '',
    statusCode: code,
    error: failure || code || (answer?.failed === true ? '_OTHER' : ''),
    rows: undefined,
    partial: command.partial,
    startNs,
    endNs,
    tgid,
  }
}
