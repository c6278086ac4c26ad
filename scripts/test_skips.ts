import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const LIST = fileURLToPath(new URL('../../docs/kernel-support.md', import.meta.url))

/** Names of tests that may skip: the lines "- `name`: reason" below "## Skips" of docs/kernel-support.md. */
export function listedSkips(text: string = readFileSync(LIST, 'utf8')): ReadonlySet<string> {
  const [, section = ''] = text.split(/^## Skips$/m)
  const [list = ''] = section.split(/^## /m)
  return new Set([...list.matchAll(/^- `([^`]+)`: \S/gm)].map(([, name = '']) => name))
}
