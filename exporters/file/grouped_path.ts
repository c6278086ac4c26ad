import { join, normalize } from 'node:path'

/** The path in which `*` is replaced by what a resource said: never outside of the part before the `*`. */
export function groupedPath(pattern: string, segment: string): string {
  const [before = '', after = ''] = pattern.split('*')
  const prefix = normalize(before)
  const path = normalize(prefix + segment.replace(/^\.{1,2}(?=\/)/, '') + after)
  return path.startsWith(prefix) ? path : join(prefix, join('/', segment + after))
}
