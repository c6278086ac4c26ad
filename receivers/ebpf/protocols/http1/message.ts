import type { GrpcContent } from '../grpc/content.ts'
import { type Framing, UNKNOWN } from './framing.ts'
import type { PartialReason } from './reasons.ts'

/** One request or response on its way through a reader. Times are nanoseconds since the agent's epoch. */
export interface Message<Head> {
  /** Of its first byte in the direction's stream. */
  readonly position: number
  /** Undefined: nothing of it was captured. */
  readonly head: Head | undefined
  /** Bytes of the head, or those of it that were captured. */
  readonly headBytes: number
  readonly tgid: number
  readonly firstNs: number
  lastNs: number
  framing: Framing
  /** Head, framing and content so far. */
  bytes: number
  /** Content without its framing; undefined when that cannot be told. */
  bodyBytes: number | undefined
  ended: boolean
  partial: PartialReason | ''
  /** Follows its content, of gRPC-Web. */
  content: GrpcContent | undefined
}

/** A message that begins at `position`, of which `headBytes` have been read as its head; its framing is not known yet. */
export const newMessage = <Head>(
  head: Head | undefined,
  position: number,
  headBytes: number,
  firstNs: number,
  lastNs: number,
  tgid: number,
): Message<Head> => ({
  position,
  head,
  headBytes,
  tgid,
  firstNs,
  lastNs,
  framing: UNKNOWN,
  bytes: headBytes,
  bodyBytes: undefined,
  ended: false,
  partial: '',
  content: undefined,
})
