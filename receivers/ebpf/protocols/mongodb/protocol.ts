import type { OpenStream } from '../../protocol.ts'
import type { Sample } from '../../trace_context/sampling.ts'
import { ChunkStream } from '../chunks/stream.ts'
import { DatabaseCalls } from '../database_calls.ts'
import { isHousekeeping, mongodbCall } from './span.ts'
import { MongoDialogue } from './stitch.ts'

/** MongoDB on one connection, as spans: one per command. */
export const mongodb =
  (sample: Sample): OpenStream =>
  (connection, host) => {
    const calls = new DatabaseCalls(connection, host, sample)
    return new ChunkStream(
      connection,
      host,
      (deliver) =>
        new MongoDialogue({
          exchange: (exchange) => {
            const { partial } = exchange.command
            if (partial !== '') host.count(partial)
            if (isHousekeeping(exchange)) host.count('mongodb_housekeeping')
            else deliver(() => calls.emit(mongodbCall(exchange)))
          },
          count: (reason, n) => host.count(reason, n),
        }),
    )
  }
