/** A route as a user writes it: `/users/{id}`, `/users/:id`, `/static/*`. */
export interface Pattern {
  /** As it was written: what `http.route` says. */
  readonly route: string
  readonly parts: readonly Part[]
  /** `*` at its end: whatever comes after, if anything. */
  readonly open: boolean
}

/** A segment to be equal to; undefined for any. */
type Part = string | undefined

export const segmentsOf = (path: string): string[] => path.split('/').filter((one) => one !== '')

/** Reads a pattern; the text is what is wrong with it. */
export function parsePattern(route: string): Pattern | string {
  if (!route.startsWith('/')) return 'it does not begin with "/"'
  const segments = segmentsOf(route)
  const open = segments.at(-1) === '*' || segments.at(-1) === '**'
  if (open) segments.pop()
  const parts: Part[] = []
  for (const segment of segments) {
    const variable = segment === '*' || /^(?:\{[^{}]+\}|:[^:]+)$/.test(segment)
    if (!variable && /[*{}]/.test(segment)) return `"${segment}" is neither a word nor a variable`
    parts.push(variable ? undefined : segment)
  }
  return { route, parts, open }
}

export function matchesPattern({ parts, open }: Pattern, segments: readonly string[]): boolean {
  if (segments.length < parts.length || (!open && segments.length > parts.length)) return false
  return parts.every((part, i) => part === undefined || part === segments[i])
}

/** The first pattern that matches, in the order in which they are written. */
export const firstMatch = (
  patterns: readonly Pattern[],
  segments: readonly string[],
): Pattern | undefined => patterns.find((one) => matchesPattern(one, segments))
