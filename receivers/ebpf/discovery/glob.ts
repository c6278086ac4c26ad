/** A pattern that did not compile: `at` is an index into it. */
export interface GlobError {
  readonly message: string
  readonly at: number
}

const closeOfClass = (pattern: string, open: number) => {
  const first = pattern[open + 1] === '!' ? open + 2 : open + 1
  return pattern.indexOf(']', first + 1)
}

const literal = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')

/** A class's inside, where only `-` between two characters has a meaning. */
const classBody = (body: string) => body.replace(/[\\\]^[]/g, '\\$&')

/**
 * A glob as OBI reads it: `*` and `**` any text, `/` included, `?` one character, `[a-z]` and `[!a-z]` classes,
 * `{a,b}` alternatives that nest, `\` the next character itself. Matches whole texts.
 */
export function compileGlob(pattern: string): RegExp | GlobError {
  let source = ''
  const braces: number[] = []
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern.charAt(i)
    if (char === '*') source += source.endsWith('[^]*') ? '' : '[^]*'
    else if (char === '?') source += '[^]'
    else if (char === '{') {
      braces.push(i)
      source += '(?:'
    } else if (char === '}') {
      if (braces.pop() === undefined) return { message: `"}" without "{"`, at: i }
      source += ')'
    } else if (char === ',' && braces.length > 0) source += '|'
    else if (char === '[') {
      const close = closeOfClass(pattern, i)
      if (close < 0) return { message: `"[" without "]"`, at: i }
      const negated = pattern[i + 1] === '!'
      source += `[${negated ? '^' : ''}${classBody(pattern.slice(negated ? i + 2 : i + 1, close))}]`
      i = close
    } else if (char === '\\') {
      if (++i === pattern.length) return { message: `nothing after "\\"`, at: i - 1 }
      source += literal(pattern.charAt(i))
    } else source += literal(char)
  }
  const open = braces.pop()
  if (open !== undefined) return { message: `"{" without "}"`, at: open }
  try {
    return new RegExp(`^(?:${source})$`, 'u')
  } catch {
    return { message: 'a range whose end is before its beginning', at: 0 }
  }
}
