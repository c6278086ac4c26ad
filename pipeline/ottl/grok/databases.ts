import type { Patterns } from './parts.ts'

const count = (name: string) => `${name}:%{NONNEGINT:db.mongodb.profile.${name}:int}`

/** Source: https://www.mongodb.com/docs/v4.2/reference/log-messages/ */
const MONGODB: Patterns = {
  MONGO_WORDDASH: String.raw`\b[\w-]+\b`,
  MONGO_QUERY_CONTENT: '.*?',
  MONGO_QUERY: String.raw`\{ %{MONGO_QUERY_CONTENT:MONGO_QUERY} \} ntoreturn:`,
  MONGO_LOG: String.raw`%{SYSLOGTIMESTAMP:timestamp} \[%{WORD:db.mongodb.component}\] %{GREEDYDATA:message}`,
  MONGO_SLOWQUERY: String.raw`%{WORD:db.mongodb.profile.op} %{MONGO_WORDDASH:db.mongodb.database}\.%{MONGO_WORDDASH:db.mongodb.collection} %{WORD}: \{ %{MONGO_QUERY_CONTENT:db.mongodb.query.original} \} ${['ntoreturn', 'ntoskip', 'nscanned'].map(count).join(' ')}.*? ${count('nreturned')}.*? %{INT:db.mongodb.profile.duration:int}ms`,
  MONGO3_SEVERITY: String.raw`\w`,
  MONGO3_COMPONENT: '%{WORD}',
  MONGO3_LOG: String.raw`%{TIMESTAMP_ISO8601:timestamp} %{MONGO3_SEVERITY:log.level} (?:-|%{MONGO3_COMPONENT:db.mongodb.component})%{SPACE}(?:\[%{DATA:db.mongodb.context}\])? %{GREEDYDATA:message}`,
}

/** `log_line_prefix` of '%t %u %c %p'. Source: https://www.postgresql.org/docs/17/runtime-config-logging.html */
const POSTGRESQL: Patterns = {
  POSTGRESQL:
    '%{TIMESTAMP_ISO8601:timestamp} %{TZ:event.timezone} %{DATA:user.name} %{GREEDYDATA:postgresql.log.connection_id} %{POSINT:process.pid:int}',
}

/** Source: https://redis.io/docs/latest/commands/monitor/ */
const REDIS: Patterns = {
  REDISTIMESTAMP: '%{MONTHDAY} %{MONTH} %{TIME}',
  REDISLOG: String.raw`\[%{POSINT:process.pid:int}\] %{REDISTIMESTAMP:timestamp} \*`,
  REDISMONLOG: String.raw`%{NUMBER:timestamp} \[%{INT:redis.database.id} %{IP:client.address}:%{POSINT:client.port:int}\] "%{WORD:redis.command.name}"\s?%{GREEDYDATA:redis.command.args}`,
}

export const DATABASES: Patterns = { ...MONGODB, ...POSTGRESQL, ...REDIS }
