import type { Framing } from './framing.ts'
import type { Message } from './message.ts'

/** What a reader reports. `onHead` answers how the body ends; `head` undefined: nothing of it was captured. */
export interface ReaderListener<Head> {
  onHead(message: Message<Head>): Framing
  /** `inferred`: the end was not read; other messages may hide in front of it. */
  onEnd(message: Message<Head>, inferred: boolean): void
  onInvalid(): void
  /** Bytes passed unseen; `lost` when the reader has thereby fallen out of step. */
  onGap(lost: boolean): void
  onGrew(): void
  /** Whether another message is due behind the one that is being read. */
  expectsAnother(): boolean
}
