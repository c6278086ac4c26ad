import { KERNEL_STATS } from './kernel_stats.ts'
import { AMQP_REASONS } from './protocols/amqp/reasons.ts'
import { CHUNK_REASONS } from './protocols/chunks/reasons.ts'
import { DNS_REASONS } from './protocols/dns/reasons.ts'
import { HTTP1_REASONS } from './protocols/http1/reasons.ts'
import { HTTP2_REASONS } from './protocols/http2/reasons.ts'
import { KAFKA_REASONS } from './protocols/kafka/reasons.ts'
import { MEMCACHED_REASONS } from './protocols/memcached/reasons.ts'
import { MONGODB_REASONS } from './protocols/mongodb/reasons.ts'
import { MQTT_REASONS } from './protocols/mqtt/reasons.ts'
import { MYSQL_REASONS } from './protocols/mysql/reasons.ts'
import { NATS_REASONS } from './protocols/nats/reasons.ts'
import { POSTGRES_REASONS } from './protocols/postgres/reasons.ts'
import { REDIS_REASONS } from './protocols/redis/reasons.ts'
import { REASONS, type Reason } from './reasons.ts'

/** Every reason of the receiver and its protocols by name. */
export const ALL_REASONS: Readonly<Record<string, Reason>> = {
  ...REASONS,
  ...HTTP1_REASONS,
  ...CHUNK_REASONS,
  ...REDIS_REASONS,
  ...POSTGRES_REASONS,
  ...KAFKA_REASONS,
  ...MYSQL_REASONS,
  ...HTTP2_REASONS,
  ...MONGODB_REASONS,
  ...MEMCACHED_REASONS,
  ...AMQP_REASONS,
  ...NATS_REASONS,
  ...MQTT_REASONS,
  ...DNS_REASONS,
  ...Object.fromEntries(Object.values(KERNEL_STATS).map((one) => [one.name, one])),
}

/** How often each reason struck. Names that nobody registered are counted too: better than silence. */
export class Counters {
  readonly #counts = new Map<string, number>()

  add(reason: string, n = 1): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + n)
  }

  /** For what is counted elsewhere: `n` in all. */
  set(reason: string, n: number): void {
    if (n > 0 || this.#counts.has(reason)) this.#counts.set(reason, n)
  }

  get(reason: string): number {
    return this.#counts.get(reason) ?? 0
  }

  /** Names and counts, of one kind if given, most frequent first. */
  list(kind?: Reason['kind']): readonly (readonly [name: string, count: number])[] {
    return [...this.#counts]
      .filter(
        ([name, count]) =>
          count > 0 && (kind === undefined || (ALL_REASONS[name]?.kind ?? 'note') === kind),
      )
      .sort((a, b) => b[1] - a[1])
  }

  total(kind: Reason['kind']): number {
    return this.list(kind).reduce((sum, [, count]) => sum + count, 0)
  }
}
