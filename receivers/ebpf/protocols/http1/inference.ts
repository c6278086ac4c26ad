import type { Direction, RunProgress } from '../../protocol.ts'
import { endsChunkedBody, endsHead } from './chunked.ts'
import type { Message } from './message.ts'

/** Quiet after which an end that only looks like one is believed, and after which no record is still on its way. */
const SETTLE_NS = 20e6
/** Quiet after which a response is over whose head would have told its length beyond the capture. */
const UNKNOWN_END_NS = 1e9

/**
 * Whether a message, of which not enough was captured to know, may end where it stands: `tail` are its last bytes. A
 * response of unknown framing never looks like it: silence in it may be a pause.
 */
export function looksEnded<Head>(
  message: Message<Head>,
  tail: Buffer,
  direction: Direction,
): boolean {
  switch (message.framing.kind) {
    case 'length':
      return contentMayBeIn(message, message.framing.bytes) && !endsHead(tail)
    case 'chunked':
      return endsChunkedBody(tail)
    case 'none':
      return endsHead(tail)
    default:
      return direction === 'request' && endsHead(tail)
  }
}

/**
 * The bytes of content that follow, if the head's end was not captured but is where the message stands: too little has
 * come for all content to be in, and the last bytes are an empty line. Else undefined.
 */
export function contentToCome<Head>(message: Message<Head>, tail: Buffer): number | undefined {
  if (message.framing.kind !== 'length' || !endsHead(tail)) return undefined
  const { bytes } = message.framing
  return contentMayBeIn(message, bytes) ? undefined : bytes
}

const contentMayBeIn = <Head>(message: Message<Head>, contentBytes: number) =>
  message.bytes - contentBytes >= message.headBytes

/** Ends a message where it stands; the size of its content is known as far as its head told it. */
export function endInferred<Head>(message: Message<Head>): void {
  const { framing } = message
  message.ended = true
  if (framing.kind === 'length') message.bodyBytes = framing.bytes
  else message.bodyBytes = framing.kind === 'none' ? 0 : undefined
}

/**
 * Whether quiet has ended a message whose end was not read: soon if it may end where it stands (`mayEnd`), late, and not without
 * saying so, if even its framing is not known.
 */
export function settles<Head>(message: Message<Head>, mayEnd: boolean, nowNs: number): boolean {
  const quietNs = nowNs - message.lastNs
  if (mayEnd) return quietNs >= SETTLE_NS
  if (message.framing.kind !== 'unknown' || quietNs < UNKNOWN_END_NS) return false
  message.partial = message.head === undefined ? 'response_head_unseen' : 'response_end_unknown'
  return true
}

/** Whether no record of a run's bytes is still to come, although counters run ahead of records. */
export const recordsAreIn = (run: RunProgress, nowNs: number): boolean =>
  run.inOrder || nowNs - run.lastNs >= SETTLE_NS
