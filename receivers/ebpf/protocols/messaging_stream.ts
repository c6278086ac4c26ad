import type { OpenStream } from '../protocol.ts'
import type { Sample } from '../trace_context/sampling.ts'
import { ChunkStream, type Dialogue } from './chunks/stream.ts'
import { emitMessagingCall, type MessagingCall } from './messaging.ts'

/** Whom a dialogue about messages tells what it has read. */
export interface MessagingHost<Exchange> {
  exchange(exchange: Exchange): void
  count(reason: string, n?: number): void
  /** What follows is TLS. */
  leave(): void
}

/** A protocol of which each exchange is one span. */
export const messagingStream =
  <Frame, Exchange>(
    open: (host: MessagingHost<Exchange>) => Dialogue<Frame>,
    callOf: (exchange: Exchange) => MessagingCall,
  ) =>
  (sample: Sample): OpenStream =>
  (connection, host) => {
    const stream: ChunkStream<Frame> = new ChunkStream(connection, host, (deliver) =>
      open({
        exchange: (exchange) =>
          deliver(() => emitMessagingCall(callOf(exchange), connection, host, sample)),
        count: (reason, n) => host.count(reason, n),
        leave: () => stream.leave(),
      }),
    )
    return stream
  }
