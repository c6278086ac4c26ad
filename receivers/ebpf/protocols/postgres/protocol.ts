import type { OpenStream } from '../../protocol.ts'
import type { Sample } from '../../trace_context/sampling.ts'
import { ChunkStream } from '../chunks/stream.ts'
import { DatabaseCalls } from '../database_calls.ts'
import type { PostgresFrame } from './parse.ts'
import { postgresCall } from './span.ts'
import { PostgresDialogue } from './stitch.ts'

/** PostgreSQL, protocol 3, on one connection, as spans: one per query or execution. */
export const postgres =
  (sample: Sample): OpenStream =>
  (connection, host) => {
    const calls = new DatabaseCalls(connection, host, sample)
    const stream: ChunkStream<PostgresFrame> = new ChunkStream(
      connection,
      host,
      (deliver) =>
        new PostgresDialogue(
          {
            exchange: (exchange) => deliver(() => calls.emit(postgresCall(exchange))),
            count: (reason, n) => host.count(reason, n),
            ignore: () => stream.ignore(),
            leave: () => stream.leave(),
          },
          connection.adopted,
        ),
    )
    return stream
  }
