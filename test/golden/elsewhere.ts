import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { ROOT } from './case.ts'

/** Options that another test covers, or none: by path, `a::*` for all below `a`. */
export interface Elsewhere {
  /** Test files that name the options they are listed for. */
  readonly tested?: Readonly<Record<string, readonly string[]>>
  /** Why there is no test. */
  readonly untested?: Readonly<Record<string, string>>
}

export function readElsewhere(path: string): Elsewhere {
  const file = join(ROOT, path)
  return existsSync(file) ? (parse(readFileSync(file, 'utf8')) as Elsewhere) : {}
}

const matches = (pattern: string, path: string): boolean =>
  pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : pattern === path

const keyOf = (path: string): string => path.split('::').at(-1)?.replaceAll('[]', '') ?? path

const texts = new Map<string, string>()
function textOf(path: string): string {
  const text = texts.get(path) ?? readFileSync(join(ROOT, path), 'utf8')
  texts.set(path, text)
  return text
}

/** Whether one of the files listed for the option has its name as a word. */
export const isTestedElsewhere = ({ tested = {} }: Elsewhere, path: string): boolean =>
  Object.entries(tested)
    .filter(([pattern]) => matches(pattern, path))
    .flatMap(([, files]) => files)
    .some((file) => new RegExp(`\\b${keyOf(path).replaceAll('.', '\\.')}\\b`).test(textOf(file)))

export const isUntested = ({ untested = {} }: Elsewhere, path: string): boolean =>
  Object.keys(untested).some((pattern) => matches(pattern, path))
