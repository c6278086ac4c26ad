import type { RespValue } from './parse.ts'

/** What is kept of a command: never a key, never a value. */
export interface Command {
  /** In capitals, with the subcommand of those that have one; '' if it is no name. */
  readonly name: string
  /** The database that SELECT asks for. */
  readonly database: string
  /** Of CLIENT REPLY: what is asked for, in capitals. */
  readonly reply: string
}

/** Commands whose second word is a command by itself. Source: https://redis.io/docs/latest/commands/ */
const CONTAINERS = new Set(
  'ACL CLIENT CLUSTER COMMAND CONFIG FUNCTION LATENCY MEMORY MODULE OBJECT PUBSUB SCRIPT SLOWLOG XGROUP XINFO'.split(
    ' ',
  ),
)
const NAME = /^[A-Z][A-Z0-9_.-]{0,31}$/
const DATABASE = /^\d{1,5}$/

/** Words that a command's meaning may need. */
const WORDS = 3

export class CommandReader {
  #words: string[] = []
  #left = 0

  /** Inside of a command, which has more words. */
  get isOpen(): boolean {
    return this.#left > 0
  }

  reset(): void {
    this.#left = 0
  }

  /** Takes a value of the request direction. Returns a command once it is whole; undefined if it makes no sense. */
  take(value: RespValue): Command | 'more' | undefined {
    if (this.#left > 0) return this.#takeWord(value)
    if (value.type === 'inline') return commandOf(value.text.split(' '))
    if (value.type !== '*') return undefined
    this.#words = []
    this.#left = Math.max(0, value.count)
    return 'more'
  }

  #takeWord(value: RespValue): Command | 'more' | undefined {
    if (value.type !== '$' || value.count < 0) return undefined
    if (this.#words.length < WORDS) this.#words.push(value.text)
    this.#left--
    return this.#left > 0 ? 'more' : commandOf(this.#words)
  }
}

function commandOf(words: readonly string[]): Command {
  const [first = '', second = '', third = ''] = words
  const name = first.toUpperCase()
  if (!NAME.test(name)) return { name: '', database: '', reply: '' }
  const sub = second.toUpperCase()
  const full = CONTAINERS.has(name) && NAME.test(sub) ? `${name} ${sub}` : name
  return {
    name: full,
    database: name === 'SELECT' && DATABASE.test(second) ? String(Number(second)) : '',
    reply: full === 'CLIENT REPLY' ? third.toUpperCase() : '',
  }
}
