import { parseArgs } from 'node:util'
import { nearest } from '../config/nearest.ts'
import { messageOf } from '../pipeline/message_of.ts'
import { type Arguments, type Flag, type Flags, UsageError, type Verb } from './verb.ts'
import { VERBS } from './verbs.ts'

/** What the command line asks for. */
export type Request =
  | { readonly kind: 'help'; readonly verb?: Verb }
  | { readonly kind: 'version' }
  | { readonly kind: 'verb'; readonly verb: Verb; readonly args: Arguments }

const GLOBAL: Flags = {
  help: { short: 'h', about: 'Print this help.' },
  version: { short: 'v', about: 'Print the version.' },
}

/** Reads a command line; without a verb it is `run`. Throws `UsageError`. */
export function parseCommandLine(argv: readonly string[]): Request {
  const [first = ''] = argv
  if (first === 'help') return help(argv.slice(1))
  const verb = first.startsWith('-') || first === '' ? verbNamed('run') : verbNamed(first)
  const named = verb.name === first || verb.alias === first
  const { values, positionals } = parse(verb, named ? argv.slice(1) : argv)
  if (values['version'] === true) return { kind: 'version' }
  if (values['help'] === true) return named ? { kind: 'help', verb } : { kind: 'help' }
  return { kind: 'verb', verb, args: { flags: values, words: positionals } }
}

function help([name, more]: readonly string[]): Request {
  if (name === undefined) return { kind: 'help' }
  const verb = verbNamed(name)
  if (more !== undefined) throw new UsageError(`unexpected "${more}"`, seeHelp(verb))
  return { kind: 'help', verb }
}

function verbNamed(name: string): Verb {
  const found = VERBS.find((verb) => verb.name === name || verb.alias === name)
  if (found !== undefined) return found
  const names = [
    ...VERBS.map((verb) => verb.name),
    'help',
    ...Object.keys(GLOBAL).map((flag) => `--${flag}`),
  ]
  const near = nearest(name, names)
  const hint = near === undefined ? '`weir --help` lists them' : `did you mean "${near}"?`
  throw new UsageError(`unknown verb "${name}"`, hint)
}

const seeHelp = (verb: Verb): string => `see \`weir ${verb.name} --help\``

function parse(verb: Verb, argv: readonly string[]) {
  const flags = { ...verb.flags, ...GLOBAL }
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => [name, optionOf(flag)]),
  )
  checkFlags(verb, argv, flags)
  try {
    const args = argv.flatMap((arg) => plainSwitch(arg, flags))
    const parsed = parseArgs({ args, options, allowPositionals: true, strict: true })
    checkValues(verb, parsed.values)
    checkWords(verb, parsed.positionals)
    return parsed
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(faultOf(error), seeHelp(verb))
  }
}

/** Go takes `--validate=true` and `--validate=false` for a switch, and so do scripts written for the Collector. */
function plainSwitch(arg: string, flags: Flags): readonly string[] {
  const [, name = '', value] = /^--([\w-]+)=(true|false)$/.exec(arg) ?? []
  const flag = flags[name]
  if (flag === undefined || flag.value !== undefined) return [arg]
  return value === 'true' ? [`--${name}`] : []
}

/** What parseArgs found, with the flag as it is written and without advice for other programs. */
function faultOf(error: unknown): string {
  const message = messageOf(error)
  const [, flag] = /(--[\w-]+)(?: <value>)?' argument (?:missing|is ambiguous)/.exec(message) ?? []
  return flag === undefined ? lowerFirst(message) : `${flag}: expected a value, got none`
}

const optionOf = ({ value, short, repeatable }: Flag) => ({
  type: value === undefined ? ('boolean' as const) : ('string' as const),
  multiple: repeatable === true,
  ...(short === undefined ? {} : { short }),
})

/** parseArgs names an unknown flag but not the one that was meant. */
function checkFlags(verb: Verb, argv: readonly string[], flags: Flags): void {
  const known = Object.keys(flags)
  const shorts = Object.values(flags).flatMap(({ short }) => short ?? [])
  for (const arg of argv) {
    if (arg === '--') return
    const letter = /^-([^-])/.exec(arg)?.[1]
    if (letter !== undefined && !shorts.includes(letter))
      throw new UsageError(`unknown flag "-${letter}"`, seeHelp(verb))
    const name = /^--([^=]+)/.exec(arg)?.[1]
    if (name === undefined || known.includes(name)) continue
    const near = nearest(name, known)
    const hint = near === undefined ? seeHelp(verb) : `did you mean "--${near}"?`
    throw new UsageError(`unknown flag "--${name}"`, hint)
  }
}

/** As a script leaves it behind whose variable was not set: `--config=$FILE`. */
function checkValues(verb: Verb, values: Arguments['flags']): void {
  for (const [name, value] of Object.entries(values)) {
    const isEmpty = [value].flat().includes('')
    if (isEmpty && verb.flags[name]?.mayBeEmpty !== true)
      throw new UsageError(`--${name}: expected a value, got ""`, seeHelp(verb))
  }
}

function checkWords(verb: Verb, words: readonly string[]): void {
  const extra = words[verb.words?.length ?? 0]
  if (extra === undefined || verb.repeatsWord === true) return
  const hint =
    verb.flags['config'] === undefined ? '' : `; a configuration is given by --config ${extra}`
  throw new UsageError(`unexpected "${extra}"${hint}`, seeHelp(verb))
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1)
