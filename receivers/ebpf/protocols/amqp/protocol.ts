import type { OpenStream } from '../../protocol.ts'
import type { Sample } from '../../trace_context/sampling.ts'
import { ChunkStream } from '../chunks/stream.ts'
import { emitMessagingCall } from '../messaging.ts'
import { amqpCall } from './span.ts'
import { AmqpDialogue } from './stitch.ts'

/** AMQP 0-9-1 on one connection, as spans: one for each message that is published, delivered or gotten, and each that settles. */
export const amqp =
  (sample: Sample): OpenStream =>
  (connection, host) =>
    new ChunkStream(
      connection,
      host,
      (deliver) =>
        new AmqpDialogue({
          exchange: (exchange) =>
            deliver(() => emitMessagingCall(amqpCall(exchange), connection, host, sample)),
          count: (reason, n) => host.count(reason, n),
        }),
    )
