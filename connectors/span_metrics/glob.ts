/**
 * A pattern of names as an expression: `*` and `?` stop at dots, `**` does not; `[a-c]`, `[!x]`, `{a,b}`.
 * Source: https://pkg.go.dev/github.com/gobwas/glob
 */
export function dottedGlob(pattern: string): string {
  let expression = ''
  let depth = 0
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i] ?? ''
    if (char === '*' && pattern[i + 1] === '*') {
      expression += '.*'
      i += 1
    } else if (char === '*') expression += '[^.]*'
    else if (char === '?') expression += '[^.]'
    else if (char === '\\') expression += literal(pattern[++i] ?? '\\')
    else if (char === '[') {
      const end = pattern.indexOf(']', i + 2)
      if (end === -1) throw new Error(`"[" is not closed in ${JSON.stringify(pattern)}`)
      expression += `[${pattern.slice(i + 1, end).replace(/^!/, '^')}]`
      i = end
    } else if (char === '{') {
      expression += '(?:'
      depth += 1
    } else if (char === '}' && depth > 0) {
      expression += ')'
      depth -= 1
    } else expression += char === ',' && depth > 0 ? '|' : literal(char)
  }
  if (depth > 0) throw new Error(`"{" is not closed in ${JSON.stringify(pattern)}`)
  return `^(?s:${expression})$`
}

const literal = (char: string): string => char.replace(/[.*+?^${}()|[\]\\]/, '\\$&')
