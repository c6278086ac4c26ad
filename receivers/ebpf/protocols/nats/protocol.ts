import type { OpenStream } from '../../protocol.ts'
import type { Sample } from '../../trace_context/sampling.ts'
import { ChunkStream } from '../chunks/stream.ts'
import { emitMessagingCall } from '../messaging.ts'
import type { NatsFrame } from './parse.ts'
import { natsCall } from './span.ts'
import { NatsDialogue } from './stitch.ts'

/** NATS on one connection, as spans: one for each message that is published or delivered. */
export const nats =
  (sample: Sample): OpenStream =>
  (connection, host) => {
    const stream: ChunkStream<NatsFrame> = new ChunkStream(
      connection,
      host,
      (deliver) =>
        new NatsDialogue({
          exchange: (exchange) =>
            deliver(() => emitMessagingCall(natsCall(exchange), connection, host, sample)),
          count: (reason, n) => host.count(reason, n),
          leave: () => stream.leave(),
        }),
    )
    return stream
  }
