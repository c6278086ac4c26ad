import { messagingStream } from '../messaging_stream.ts'
import { natsCall } from './span.ts'
import { NatsDialogue } from './stitch.ts'

/** NATS on one connection, as spans: one for each message that is published or delivered. */
export const nats = messagingStream((host) => new NatsDialogue(host), natsCall)
