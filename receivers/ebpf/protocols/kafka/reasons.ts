import type { Reason } from '../../reasons.ts'
import type { ChunkReason } from '../chunks/reasons.ts'

/** What Kafka counts, numbers 8xx. */
export const KAFKA_REASONS = {
  kafka_nothing_fetched: {
    number: 801,
    kind: 'skipped',
    text: 'a consumer asked for records, and there were none',
    fix: '',
  },
  kafka_housekeeping: {
    number: 802,
    kind: 'skipped',
    text: 'a request by which Kafka keeps house: heartbeats, versions, logging in, replication and administration',
    fix: '',
  },
  kafka_origins_unread: {
    number: 803,
    kind: 'note',
    text: 'a batch of records that could not be decompressed: traces in it are not linked',
    fix: '',
  },
  topic_unknown: {
    number: 804,
    kind: 'note',
    text: 'a topic was named by its id, and weir has not seen which name that has',
    fix: 'clients ask again within metadata.max.age.ms, or when restarted',
  },
  kafka_cut: {
    number: 805,
    kind: 'note',
    text: 'a message was not captured far enough to tell of all its topics and records',
    fix: '',
  },
} as const satisfies Record<string, Reason>

export type KafkaReason = keyof typeof KAFKA_REASONS | ChunkReason
