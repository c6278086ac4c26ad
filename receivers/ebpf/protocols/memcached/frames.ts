import type { ParsedFrame } from '../../protocol.ts'
import type { Form } from './commands.ts'

/** What is kept of a command: no key but where the next one may begin, no value. */
export interface Command {
  readonly kind: 'command'
  /** As a line says it, also of the binary protocol; '' if it is not known. */
  readonly name: string
  readonly form: Form
  readonly binary: boolean
  /** How many things it asks for. */
  readonly keys: number
  /** `always`: no answer comes. `unless`: one comes only if something was found, or went wrong. */
  readonly silent: 'no' | 'always' | 'unless'
  /** What its answer repeats: number and opaque, or an opaque alone; '' where nothing is repeated. */
  readonly token: string
  /** More keys follow. */
  readonly open: boolean
  /** From here on the server talks by itself. */
  readonly streams: boolean
}

/** More keys of the command before. */
export interface Keys {
  readonly kind: 'keys'
  readonly keys: number
  readonly open: boolean
}

export interface Reply {
  readonly kind: 'reply'
  /** First word of a line; a command's name in the binary protocol. */
  readonly word: string
  readonly binary: boolean
  readonly token: string
  /** Something that was asked for is here. */
  readonly found: boolean
  /** Code of an error; '' if all went well, and where a cache simply says no. */
  readonly error: string
  /** Of the binary protocol: another reply to the same command follows. */
  readonly more: boolean
}

export type MemcachedFrame = Command | Keys | Reply

export const frame = <F extends MemcachedFrame>(bytes: number, of: F): ParsedFrame<F> => ({
  kind: 'frame',
  bytes,
  frame: of,
})
