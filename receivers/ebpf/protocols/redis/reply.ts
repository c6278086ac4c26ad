import type { RespType, RespValue } from './parse.ts'

export interface Reply {
  readonly type: RespType
  /** Of an error its first word, as ERR or MOVED; of a string or line its front; of an aggregate its first element's. */
  readonly text: string
}

const AGGREGATES = '*%~>|'

/** Puts the values of one direction together to replies. */
export class ReplyReader {
  /** Values that the reply under way still has. */
  #left = 0
  #type: RespType | undefined
  #text: string | undefined

  reset(): void {
    this.#left = 0
  }

  /** Returns the reply that this value completes. */
  take(value: RespValue): Reply | undefined {
    if (this.#left === 0) this.#begin()
    this.#left--
    if (AGGREGATES.includes(value.type)) this.#left += Math.max(0, value.count)
    if (value.type === '|' && this.#type === undefined) {
      this.#left++ // attributes stand in front of the reply
    } else if (this.#type === undefined) {
      this.#type = value.type
      if (!AGGREGATES.includes(value.type)) this.#text = value.text
    } else {
      this.#text ??= value.text
    }
    return this.#left === 0 ? { type: this.#type ?? '|', text: this.#text ?? '' } : undefined
  }

  #begin(): void {
    this.#left = 1
    this.#type = undefined
    this.#text = undefined
  }
}
