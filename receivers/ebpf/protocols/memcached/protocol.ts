import type { OpenStream } from '../../protocol.ts'
import type { Sample } from '../../trace_context/sampling.ts'
import { ChunkStream } from '../chunks/stream.ts'
import { DatabaseCalls } from '../database_calls.ts'
import type { MemcachedFrame } from './frames.ts'
import { isHousekeeping, memcachedCall } from './span.ts'
import { MemcachedDialogue } from './stitch.ts'

/** memcached (text, meta and binary) on one connection, as spans: one per command, or row of silent ones. */
export const memcached =
  (sample: Sample): OpenStream =>
  (connection, host) => {
    const calls = new DatabaseCalls(connection, host, sample)
    const stream: ChunkStream<MemcachedFrame> = new ChunkStream(
      connection,
      host,
      (deliver) =>
        new MemcachedDialogue({
          exchange: (exchange) => {
            if (isHousekeeping(exchange)) host.count('memcached_housekeeping')
            else deliver(() => calls.emit(memcachedCall(exchange)))
          },
          count: (reason, n) => host.count(reason, n),
          ignore: () => stream.ignore(),
        }),
    )
    return stream
  }
