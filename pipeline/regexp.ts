import { createRequire } from 'node:module'
import type { RE2JS } from 're2js'
import { messageOf } from './message_of.ts'

/** A compiled expression. Every search takes time in proportion to the text, whatever the expression. */
export interface Expression {
  /** Whether it is found anywhere in the text. */
  test(text: string): boolean
  /** What its groups hold at the first place where it is found, from group 1; '' for one that took no part. */
  groups(text: string): readonly string[] | undefined
  /** Where its groups begin and end at that place, from group 1; -1 for one that took no part. */
  positions(text: string): readonly (readonly [start: number, end: number])[] | undefined
  /** The text with every match replaced by what `replace` makes of its groups, the whole match first. */
  replaceAll(text: string, replace: (groups: readonly string[]) => string): string
  /** Of its groups, from group 1; '' for one without a name. */
  readonly names: readonly string[]
}

/** What stands for a match: `$1`, `${1}` and `${name}` are groups, `$$` is a dollar. Source: https://pkg.go.dev/regexp#Regexp.Expand */
export function compileTemplate(
  template: string,
  names: readonly string[],
): (groups: readonly string[]) => string {
  if (!template.includes('$')) return () => template
  const parts = [...template.matchAll(/\$\$|\$(\w+)|\$\{(\w+)\}|[^$]+|\$/g)].map(
    ([all, bare, braced]) => {
      const group = bare ?? braced
      if (group === undefined) return all === '$$' ? '$' : all
      return /^\d+$/.test(group) ? Number(group) : names.indexOf(group) + 1 || Number.NaN
    },
  )
  return (groups) =>
    parts.map((part) => (typeof part === 'string' ? part : (groups[part] ?? ''))).join('')
}

let loaded: typeof RE2JS | undefined

/** Loaded when the first expression is compiled: 8 MiB that most configurations do not need. */
function engine(): typeof RE2JS {
  loaded ??= (createRequire(import.meta.url)('re2js') as { RE2JS: typeof RE2JS }).RE2JS
  return loaded
}

/** Compiles Go's regular expressions. Throws an error whose message is RE2's. Source: https://github.com/google/re2/wiki/Syntax */
export function compileExpression(pattern: string): Expression {
  const compiled = engine().compile(pattern)
  const names = Array.from({ length: compiled.groupCount() }, () => '')
  for (const [name, index] of Object.entries(compiled.namedGroups())) names[index - 1] = name
  return {
    names,
    test: (text) => compiled.test(text),
    groups(text) {
      const matcher = compiled.matcher(text)
      return matcher.find() ? names.map((_, i) => matcher.group(i + 1) ?? '') : undefined
    },
    positions(text) {
      const matcher = compiled.matcher(text)
      if (!matcher.find()) return undefined
      return names.map((_, i) => [matcher.start(i + 1), matcher.end(i + 1)] as const)
    },
    replaceAll(text, replace) {
      const matcher = compiled.matcher(text)
      let [result, from] = ['', 0]
      while (matcher.find()) {
        const groups = [matcher.group() ?? '']
        for (let i = 1; i <= names.length; i++) groups.push(matcher.group(i) ?? '')
        result += text.slice(from, matcher.start()) + replace(groups)
        from = matcher.end()
      }
      return result + text.slice(from)
    },
  }
}

const noExpression = (one: string, why: string): string =>
  `"${one}" is no regular expression: ${why}`

/** What is wrong with the first of these that does not compile, as `tell` says it. */
export function expressionFault(
  expressions: readonly string[],
  tell = noExpression,
): string | undefined {
  for (const one of expressions) {
    try {
      compileExpression(one)
    } catch (error) {
      return tell(one, messageOf(error))
    }
  }
  return undefined
}

const REMEMBERED = 1024
const REMEMBERED_LENGTH = 256 // longer texts are bodies, which hardly come twice

/** Remembers what it said of texts that come again and again, such as the keys of attributes. */
export function remembering(test: (text: string) => boolean): (text: string) => boolean {
  const known = new Map<string, boolean>()
  return (text) => {
    if (text.length > REMEMBERED_LENGTH) return test(text)
    let found = known.get(text)
    if (found === undefined) {
      if (known.size >= REMEMBERED) known.clear()
      found = test(text)
      known.set(text, found)
    }
    return found
  }
}
