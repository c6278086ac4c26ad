import type { OpenStream } from '../../protocol.ts'
import type { Sample } from '../../trace_context/sampling.ts'
import { ChunkStream } from '../chunks/stream.ts'
import { DatabaseCalls } from '../database_calls.ts'
import type { RespValue } from './parse.ts'
import { redisCall } from './span.ts'
import { RedisDialogue } from './stitch.ts'

/** A connection begins with database 0; of an older one it is not known. */
const FIRST_DATABASE = '0'

/** Redis (RESP2, RESP3 and inline commands) on one connection, as spans: one per command. */
export const redis =
  (sample: Sample): OpenStream =>
  (connection, host) => {
    const calls = new DatabaseCalls(connection, host, sample)
    const stream: ChunkStream<RespValue> = new ChunkStream(connection, host, (deliver) => {
      const database = connection.adopted ? '' : FIRST_DATABASE
      return new RedisDialogue(
        {
          exchange: (exchange) => deliver(() => calls.emit(redisCall(exchange))),
          count: (reason, n) => host.count(reason, n),
          ignore: () => stream.ignore(),
        },
        database,
      )
    })
    return stream
  }
