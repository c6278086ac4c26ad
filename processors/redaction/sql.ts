/** How a database writes its texts: the same quotes mean different things. */
export type Dialect = 'mysql' | 'standard' | 'unknown'

const COMMENT = /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/.source
const ESCAPED = /[eE]'(?:[^'\\]|''|\\[\s\S])*(?:'|$)/.source
const DOLLAR = /\$(?<tag>[A-Za-z_\x80-\uffff][\w\x80-\uffff]*|)\$[\s\S]*?(?:\$\k<tag>\$|$)/.source
const NUMBER =
  /(?<![\w$.])(?:0[xX][\da-fA-F_]+|\d[\d_]*(?:\.[\d_]*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)/
    .source
const NAME = /[A-Za-z_\x80-\uffff][\w$\x80-\uffff]*/.source

/**
 * Strings in single quotes. Whether a backslash ends one early is not known where the database is not: everything after
 * it goes then, for it may be a part of the string.
 */
const STRINGS: Readonly<Record<Dialect, string>> = {
  mysql: /(?:'(?:[^'\\]|''|\\[\s\S])*(?:'|$)|"(?:[^"\\]|""|\\[\s\S])*(?:"|$))/.source,
  standard: /(?:[nNbBxX]|[uU]&)?'(?:[^']|'')*(?:'|$)/.source,
  unknown: /(?:[nNbBxX]|[uU]&)?'(?:[^'\\]|'')*(?:'|\\[\s\S]*$|$)/.source,
}

const QUOTED = /"(?:[^"]|"")*(?:"|$)|`(?:[^`]|``)*(?:`|$)/.source

const compiled = (dialect: Dialect) => {
  const literals = [ESCAPED, STRINGS[dialect], DOLLAR, NUMBER].join('|')
  const parts = `(?<comment>${COMMENT})|(?<literal>${literals})|(?:\\$\\d+)|(?<name>${QUOTED}|${NAME})`
  return new RegExp(parts, 'g')
}

const PIECES: Readonly<Record<Dialect, RegExp>> = {
  mysql: compiled('mysql'),
  standard: compiled('standard'),
  unknown: compiled('unknown'),
}

/** The statement with `?` for each literal and for the digits of names; comments, which may hold anything, go. */
export function withoutLiterals(sql: string, dialect: Dialect): string {
  const found = sql.replaceAll(PIECES[dialect], (piece: string, ...rest: unknown[]) => {
    const { comment, literal, name } = rest.at(-1) as Record<string, string | undefined>
    if (comment !== undefined) return ''
    if (literal !== undefined) return '?'
    return name === undefined ? piece : piece.replaceAll(/\d+/g, '?')
  })
  return found === sql ? sql : found.trim()
}
