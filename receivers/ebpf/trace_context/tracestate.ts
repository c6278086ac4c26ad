const MAX_MEMBERS = 32
/** The specification asks for 512 at least; this is what a captured head can hold anyway. */
const MAX_CHARS = 4096

const KEY = /^(?:[a-z][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13})$/
/** Printable but comma and equals sign, not ending with a blank. */
const VALUE = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/

/**
 * The members of a tracestate (several headers joined with commas) in order, without the blanks around them; '' when any
 * rule is broken, for then all of it is void. Empty members are allowed, and dropped.
 * Source: https://www.w3.org/TR/trace-context/#tracestate-header
 */
export function parseTracestate(text: string): string {
  if (text === '' || text.length > MAX_CHARS) return ''
  const members: string[] = []
  for (const part of text.split(',')) {
    const member = trimBlanks(part)
    if (member === '') continue
    const equals = member.indexOf('=')
    if (equals < 0 || !KEY.test(member.slice(0, equals))) return ''
    if (!VALUE.test(member.slice(equals + 1))) return ''
    members.push(member)
    if (members.length > MAX_MEMBERS) return ''
  }
  return members.join(',')
}

/** Without the spaces and tabs at its ends. */
function trimBlanks(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isBlank(text.charCodeAt(start))) start++
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

const isBlank = (code: number) => code === 0x20 || code === 0x09
