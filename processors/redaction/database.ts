import { type Attributes, attribute } from '../../pipeline/data/attributes.ts'
import { withoutJsonValues, withoutStored, withoutValues } from './commands.ts'
import type { RedactionConfig } from './config.ts'
import { type Dialect, withoutLiterals } from './sql.ts'

type DatabaseConfig = RedactionConfig['db_sanitizer']
type Family = Exclude<keyof DatabaseConfig, 'sanitize_span_name'>

/** `system` is '' where it is not known; with `all` the text is known to be a statement. */
type Sanitize = (text: string, system: string, all: boolean) => string

/** Values of db.system.name and, before, db.system. */
const SYSTEMS: Readonly<Record<Family, readonly string[]>> = {
  sql: 'other_sql mysql mariadb postgresql sqlite mssql microsoft.sql_server oracle oracle.db db2 ibm.db2 cockroachdb clickhouse h2 h2database hsqldb derby firebird trino snowflake redshift aws.redshift cloudscape sybase teradata vertica'.split(
    ' ',
  ),
  redis: ['redis'],
  valkey: ['valkey'],
  memcached: ['memcached'],
  mongo: ['mongodb'],
  opensearch: ['opensearch'],
  es: ['elasticsearch'],
}

const MYSQL = new Set(['mysql', 'mariadb'])

const dialectOf = (system: string): Dialect =>
  system === '' || system === 'other_sql' ? 'unknown' : MYSQL.has(system) ? 'mysql' : 'standard'

const json: Sanitize = (text, _system, all) => withoutJsonValues(text, all)
const command: Sanitize = (text, _system, all) => withoutValues(text, all)

const SANITIZE: Readonly<Record<Family, Sanitize>> = {
  sql: (text, system) => withoutLiterals(text, dialectOf(system)),
  redis: command,
  valkey: command,
  memcached: withoutStored,
  mongo: json,
  opensearch: json,
  es: json,
}

interface Enabled {
  readonly sanitize: Sanitize
  readonly systems: readonly string[]
  readonly attributes: ReadonlySet<string>
}

/** The name of the database system that a span or record speaks to; '' if it does not say. */
export function systemOf(attributes: Attributes): string {
  const value = attribute(attributes, 'db.system.name') ?? attribute(attributes, 'db.system')
  return value?.kind === 'string' ? value.value.toLowerCase() : ''
}

/** Takes values out of statements, of the kinds of databases that are enabled. */
export class DatabaseSanitizer {
  readonly #enabled: readonly Enabled[]
  readonly #ofLogs: boolean

  constructor(config: DatabaseConfig, ofLogs: boolean) {
    const families = Object.keys(SYSTEMS) as Family[]
    this.#enabled = families
      .filter((family) => config[family].enabled)
      .map((family) => ({
        sanitize: SANITIZE[family],
        systems: SYSTEMS[family],
        attributes: new Set(config[family].attributes),
      }))
    this.#ofLogs = ofLogs
  }

  /** An attribute of something that speaks to `system`. Log records seldom name it: theirs are looked at anyway. */
  attribute(text: string, key: string, system: string): string {
    const listed = this.#enabled.filter(({ attributes }) => attributes.has(key))
    if (system !== '') {
      const own = listed.find(({ systems }) => systems.includes(system))
      return own === undefined ? text : own.sanitize(text, system, true)
    }
    if (!this.#ofLogs) return text
    return listed.reduce((found, { sanitize }) => sanitize(found, '', false), text)
  }

  /** A text of which nobody says what it is. */
  body(text: string): string {
    return this.#enabled.reduce((found, { sanitize }) => sanitize(found, '', false), text)
  }

  spanName(name: string, system: string): string {
    const own = this.#enabled.find(({ systems }) => systems.includes(system))
    return own?.sanitize(name, system, false) ?? name
  }
}
