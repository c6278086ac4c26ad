/** A pattern of file names as an expression: `*` and `?` stop at `/`. Source: https://pkg.go.dev/path/filepath#Match */
export function globExpression(pattern: string): string {
  let expression = ''
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i] ?? ''
    if (char === '*') expression += '[^/]*'
    else if (char === '?') expression += '[^/]'
    else if (char === '\\') expression += literal(pattern[++i] ?? '\\')
    else if (char === '[') {
      const end = pattern.indexOf(']', i + 2)
      if (end === -1) throw new Error('syntax error in pattern: "[" is not closed')
      expression += pattern.slice(i, end + 1)
      i = end
    } else expression += literal(char)
  }
  return `^(?s:${expression})$`
}

const literal = (char: string): string => char.replace(/[.*+?^${}()|[\]\\]/, '\\$&')
