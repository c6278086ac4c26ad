import type { OpenStream } from '../../protocol.ts'
import type { Sample } from '../../trace_context/sampling.ts'
import { ChunkStream } from '../chunks/stream.ts'
import { emitDatabaseCall } from '../database.ts'
import { isHousekeeping, mongodbCall } from './span.ts'
import { MongoDialogue } from './stitch.ts'

/** MongoDB on one connection, as spans: one per command. */
export const mongodb =
  (sample: Sample): OpenStream =>
  (connection, host) =>
    new ChunkStream(
      connection,
      host,
      (deliver) =>
        new MongoDialogue({
          exchange: (exchange) => {
            const { partial } = exchange.command
            if (partial !== '') host.count(partial)
            if (isHousekeeping(exchange)) host.count('mongodb_housekeeping')
            else deliver(() => emitDatabaseCall(mongodbCall(exchange), connection, host, sample))
          },
          count: (reason, n) => host.count(reason, n),
        }),
    )
