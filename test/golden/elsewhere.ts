import { existsSync, globSync, readFileSync } from 'node:fs'
import { join, matchesGlob } from 'node:path'
import { parse } from 'yaml'
import { ROOT } from './case.ts'

/** Options that another test covers, or none: by path, a `*` in it stands for any text. */
export interface Elsewhere {
  /** Test files, or patterns of such, that name the options they are listed for; by another name in `file#name`. */
  readonly tested?: Readonly<Record<string, readonly string[]>>
  /** Why there is no test. */
  readonly untested?: Readonly<Record<string, string>>
}

export function readElsewhere(path: string): Elsewhere {
  const file = join(ROOT, path)
  return existsSync(file) ? (parse(readFileSync(file, 'utf8')) as Elsewhere) : {}
}

const matches = (pattern: string, path: string): boolean =>
  path === pattern || (pattern.includes('*') && matchesGlob(path, pattern))

const keyOf = (path: string): string => path.split('::').at(-1)?.replaceAll('[]', '') ?? path

const texts = new Map<string, string>()
/** Of all files of a pattern. */
function textOf(pattern: string): string {
  const text =
    texts.get(pattern) ??
    globSync(pattern, { cwd: ROOT })
      .map((path) => readFileSync(join(ROOT, path), 'utf8'))
      .join('\n')
  texts.set(pattern, text)
  return text
}

/** Whether one of the files listed for the option has its name as a word. */
export const isTestedElsewhere = ({ tested = {} }: Elsewhere, path: string): boolean =>
  Object.entries(tested)
    .filter(([pattern]) => matches(pattern, path))
    .flatMap(([, files]) => files)
    .some((file) => {
      const [pattern = '', word = keyOf(path)] = file.split('#')
      return new RegExp(`\\b${word.replaceAll('.', '\\.')}\\b`).test(textOf(pattern))
    })

export const isUntested = ({ untested = {} }: Elsewhere, path: string): boolean =>
  Object.keys(untested).some((pattern) => matches(pattern, path))
