/** Which answers a command can have, and how its line is built. */
export type Form =
  | 'get'
  | 'store'
  | 'delete'
  | 'number'
  | 'touch'
  | 'meta'
  | 'meta_store'
  | 'meta_none'
  | 'meta_debug'
  | 'version'
  | 'stats'
  | 'other'

/** A command as a line says it. */
export interface TextCommand {
  readonly form: Form
  /** Words in front of the keys of a `get`; else words of the line before one that may be `noreply`. */
  readonly words: number
}

const text = (form: Form, words: number): TextCommand => ({ form, words })

/** Source: https://github.com/memcached/memcached/blob/1.6.18/doc/protocol.txt */
export const TEXT_COMMANDS: ReadonlyMap<string, TextCommand> = new Map([
  ['get', text('get', 1)],
  ['gets', text('get', 1)],
  ['gat', text('get', 2)],
  ['gats', text('get', 2)],
  ['set', text('store', 5)],
  ['add', text('store', 5)],
  ['replace', text('store', 5)],
  ['append', text('store', 5)],
  ['prepend', text('store', 5)],
  ['cas', text('store', 6)],
  ['delete', text('delete', 2)],
  ['incr', text('number', 3)],
  ['decr', text('number', 3)],
  ['touch', text('touch', 3)],
  ['mg', text('meta', 2)],
  ['md', text('meta', 2)],
  ['ma', text('meta', 2)],
  ['ms', text('meta_store', 3)],
  ['mn', text('meta_none', 1)],
  ['me', text('meta_debug', 2)],
  ['version', text('version', 1)],
  ['stats', text('stats', 1)],
  ['quit', text('other', 1)],
  ['flush_all', text('other', 1)],
  ['verbosity', text('other', 1)],
  ['cache_memlimit', text('other', 1)],
  ['shutdown', text('other', 1)],
  ['slabs', text('other', 1)],
  ['lru', text('other', 1)],
  ['lru_crawler', text('other', 1)],
  ['watch', text('other', 1)],
])

/** A command by its number. */
export interface BinaryCommand {
  readonly name: string
  /** Nothing is answered if nothing went wrong, or was found. */
  readonly quiet: boolean
  /** Bytes of extras: one of these. */
  readonly extras: readonly number[]
  readonly key: 'always' | 'never' | 'maybe'
  readonly value: boolean
}

type Shape = Pick<BinaryCommand, 'extras' | 'key' | 'value'>

const KEY: Shape = { extras: [0], key: 'always', value: false }
const BARE: Shape = { extras: [0], key: 'never', value: false }
const STORE: Shape = { extras: [8], key: 'always', value: true }
const EXTEND: Shape = { extras: [0], key: 'always', value: true }
const COUNT: Shape = { extras: [20], key: 'always', value: false }
const TIMED: Shape = { extras: [4], key: 'always', value: false }
const FLUSH: Shape = { extras: [0, 4], key: 'never', value: false }

/** Number, name, shape, and the number of its quiet form, of those that have one. */
const ROWS: readonly (readonly [code: number, name: string, shape: Shape, quiet?: number])[] = [
  [0x00, 'get', KEY, 0x09],
  [0x01, 'set', STORE, 0x11],
  [0x02, 'add', STORE, 0x12],
  [0x03, 'replace', STORE, 0x13],
  [0x04, 'delete', KEY, 0x14],
  [0x05, 'incr', COUNT, 0x15],
  [0x06, 'decr', COUNT, 0x16],
  [0x07, 'quit', BARE, 0x17],
  [0x08, 'flush_all', FLUSH, 0x18],
  [0x0a, 'noop', BARE],
  [0x0b, 'version', BARE],
  [0x0c, 'get', KEY, 0x0d],
  [0x0e, 'append', EXTEND, 0x19],
  [0x0f, 'prepend', EXTEND, 0x1a],
  [0x10, 'stats', { ...KEY, key: 'maybe' }],
  [0x1b, 'verbosity', { ...BARE, extras: [4] }],
  [0x1c, 'touch', TIMED],
  [0x1d, 'gat', TIMED, 0x1e],
  [0x20, 'sasl_list', BARE],
  [0x21, 'sasl_auth', EXTEND],
  [0x22, 'sasl_step', EXTEND],
  [0x23, 'gat', TIMED, 0x24],
]

/** Source: https://github.com/memcached/memcached/wiki/BinaryProtocolRevamped */
export const BINARY_COMMANDS: ReadonlyMap<number, BinaryCommand> = new Map(
  ROWS.flatMap(([code, name, shape, quiet]): [number, BinaryCommand][] => {
    const loud = { name, quiet: false, ...shape }
    return quiet === undefined
      ? [[code, loud]]
      : [
          [code, loud],
          [quiet, { ...loud, quiet: true }],
        ]
  }),
)

/** By which clients keep house. `mn` and `noop` only ask whether all before them is done. */
export const HOUSEKEEPING: ReadonlySet<string> = new Set([
  'mn',
  'noop',
  'quit',
  'sasl_list',
  'sasl_auth',
  'sasl_step',
])
