/** How a database writes what stands between the words of a statement. Patterns are sticky; what has no end ends with the text. */
export interface Dialect {
  /** White space, and comments but for those in slashes and stars. */
  readonly blank: RegExp
  readonly nestsComments: boolean
  /** `$tag$ ... $tag$`. */
  readonly dollarStrings: boolean
  readonly string: RegExp
  /** Names in quotes. */
  readonly quoted: RegExp
}

/** Source: https://www.postgresql.org/docs/17/sql-syntax-lexical.html */
export const POSTGRES: Dialect = {
  blank: /\s+|--[^\n]*/y,
  nestsComments: true,
  dollarStrings: true,
  string: /(?:[eE]'(?:[^'\\]|''|\\(?:[\s\S]|$))*|(?:[nNbBxX]|[uU]&)?'(?:[^']|'')*)(?:'|$)/y,
  quoted: /(?:(?:[uU]&)?"(?:[^"]|"")*(?:"|$)|`(?:[^`]|``)*(?:`|$))/y,
}

/**
 * What stands in a comment that begins with `/*!` is executed: only its frame is a comment. Double quotes hold a string unless the session says
 * otherwise, which nobody sees: a name in them is told as `?`.
 * Source: https://dev.mysql.com/doc/refman/8.4/en/language-structure.html
 */
export const MYSQL: Dialect = {
  blank: /\s+|--(?=[\s\p{Cc}]|$)[^\n]*|#[^\n]*|\/\*M?!\d*|\*\//uy,
  nestsComments: false,
  dollarStrings: false,
  string:
    /(?:(?:[nNbBxX]|_\w+\s*)?'(?:[^'\\]|''|\\(?:[\s\S]|$))*(?:'|$)|(?:_\w+\s*)?"(?:[^"\\]|""|\\(?:[\s\S]|$))*(?:"|$))/y,
  quoted: /`(?:[^`]|``)*(?:`|$)/y,
}

/** Of a session whose sql_mode has NO_BACKSLASH_ESCAPES, which the server tells. */
export const MYSQL_NO_ESCAPES: Dialect = {
  ...MYSQL,
  string: /(?:(?:[nNbBxX]|_\w+\s*)?'(?:[^']|'')*(?:'|$)|(?:_\w+\s*)?"(?:[^"]|"")*(?:"|$))/y,
}
