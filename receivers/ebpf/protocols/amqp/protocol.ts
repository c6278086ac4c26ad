import { messagingStream } from '../messaging_stream.ts'
import { amqpCall } from './span.ts'
import { AmqpDialogue } from './stitch.ts'

/** AMQP 0-9-1 on one connection, as spans: one for each message that is published, delivered or gotten, and each that settles. */
export const amqp = messagingStream((host) => new AmqpDialogue(host), amqpCall)
