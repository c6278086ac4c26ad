import { createRequire } from 'node:module'
import type { RE2JS } from 're2js'

/** A compiled expression. Every search takes time in proportion to the text, whatever the expression. */
export interface Expression {
  /** Whether it is found anywhere in the text. */
  test(text: string): boolean
  /** What its groups hold at the first place where it is found, from group 1; '' for one that took no part. */
  groups(text: string): readonly string[] | undefined
  /** Of its groups, from group 1; '' for one without a name. */
  readonly names: readonly string[]
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
  }
}

const REMEMBERED = 1024

/** Remembers what it said of texts that come again and again, such as the keys of attributes. */
export function remembering(test: (text: string) => boolean): (text: string) => boolean {
  const known = new Map<string, boolean>()
  return (text) => {
    let found = known.get(text)
    if (found === undefined) {
      if (known.size >= REMEMBERED) known.clear()
      found = test(text)
      known.set(text, found)
    }
    return found
  }
}
