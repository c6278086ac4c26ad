import { parentBasedAlwaysOn } from '../../trace_context/sampling.ts'
import { type Conversation, type PlayOptions, play, spanLine } from '../testing/chunk_play.ts'
import { kafka } from './protocol.ts'
import { batch, record } from './testing.ts'

export const open = () => kafka(parentBasedAlwaysOn)
export const ask = (bytes: Buffer) => ['request', bytes] as const
export const say = (bytes: Buffer) => ['response', bytes] as const

export const lines = (conversation: Conversation, options?: PlayOptions) =>
  play(open(), conversation, options).spans.map((span) =>
    spanLine(span).replace('messaging.system=kafka ', '').replaceAll('messaging.', ''),
  )

export const CLIENT = ' client.id=shop'
export const send = (topic: string, more = CLIENT) =>
  `send ${topic} server operation.name=send operation.type=send destination.name=${topic}${more}`
export const poll = (topic: string, more: string) =>
  `poll ${topic} server operation.name=poll operation.type=receive destination.name=${topic}${more}`
export const call = (name: string, more = '') => `${name} server operation.name=${name}${more}`
export const ZERO = ' destination.partition.id=0'

export const TRACE = '0123456789abcdef0123456789abcdef'
export const PARENT = `00-${TRACE}-0123456789abcdef-01`
export const two = batch([record('SECRET'), record('SECRET', PARENT)])
export const big = batch([record('SECRET'.repeat(20_000))])
