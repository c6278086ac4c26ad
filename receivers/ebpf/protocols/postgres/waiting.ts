import type { Statement } from '../sql/statement.ts'

/** What an answer is awaited for. `sync` and `startup` have no span, unless something that was prepared fails. */
export interface Waiting {
  readonly kind: 'query' | 'execute' | 'sync' | 'startup'
  readonly statement: Statement | undefined
  readonly startNs: number
  readonly tgid: number
  /** Of an execution, that it goes on with a portal that it has begun: no other one, unless that fails. */
  readonly goesOn: boolean
  completed: string
  sqlState: string
  /** Rows have come, and its end has not. */
  inRows: boolean
}

/** Of what has just been asked. */
export const UNANSWERED = { completed: '', sqlState: '', inRows: false, goesOn: false }

export const hasSpan = ({ kind, sqlState, statement, goesOn }: Waiting) =>
  kind === 'query' ||
  (kind === 'execute' && (!goesOn || sqlState !== '')) ||
  (kind === 'sync' && sqlState !== '' && statement !== undefined)

/** Are these the last bytes of an answer: the server is ready for the next query? */
export const endsTurn = (tail: Buffer): boolean =>
  tail.at(-6) === 0x5a && tail.readUInt32BE(tail.length - 5) === 5
