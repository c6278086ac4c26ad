/** Definitions by the names that Grok's users know; all are RE2. */
export type Patterns = Readonly<Record<string, string>>

/** `%{SYNTAX:field}`, or the mark that stands where there is none. */
export const or = (mark: string, part: string): string => `(?:${mark}|%{${part}})`

/** What stands one after another with `between` them. A part that is not an expression of its own is `SYNTAX:field:type`. */
export const row = (between: string, ...parts: readonly string[]): string =>
  parts.map((part) => (/^[A-Z]\w+:[\w.]+(:\w+)?$/.test(part) ? `%{${part}}` : part)).join(between)

/** Address and port of who sends, and of whom to. */
export const SOURCE = '%{IP:source.address}/%{INT:source.port:int}'
export const DESTINATION = '%{IP:destination.address}/%{INT:destination.port:int}'

/** Nothing, or all of it. */
export const maybe = (...parts: readonly string[]): string => `(?:${parts.join('')})?`
