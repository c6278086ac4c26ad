import type { Answer } from './answer.ts'
import { COMMAND } from './command.ts'
import { isEof, type PacketHead } from './packet.ts'
import type { Meaning } from './session.ts'

/** What an answer is awaited for. */
export interface Waiting extends Meaning {
  readonly command: number
  readonly startNs: number
  readonly tgid: number
  readonly answer: Answer
  /** Number of the answer's next packet; undefined when it is not known. */
  seq: number | undefined
}

const SPAN_COMMANDS: ReadonlySet<number> = new Set([
  COMMAND.query,
  COMMAND.execute,
  COMMAND.bulkExecute,
])

/** A failed preparation is all that there will be of its statement. */
export const hasSpan = ({ command, answer }: Waiting): boolean =>
  SPAN_COMMANDS.has(command) || (command === COMMAND.prepare && answer.error !== undefined)

/** The client says more before it is answered: a file, or who it is. */
export const isTalk = ({ answer, command }: Waiting): boolean =>
  answer.wantsFile || command === COMMAND.changeUser

/** The rest of a file, or of a statement longer than a packet. */
export function skipTalk(waiting: Waiting, goesOn: boolean): boolean {
  if (!goesOn && !waiting.answer.wantsFile) return false
  waiting.seq = undefined
  if (waiting.answer.wantsFile) waiting.answer.endFile()
  return true
}

/** The end of what was prepared, which newer servers leave out, comes when nothing more is awaited. */
export const isStray = (head: PacketHead, waiting: Waiting | undefined): boolean =>
  isEof(head) && (waiting === undefined || (waiting.answer.isUntouched && waiting.seq !== head.seq))
