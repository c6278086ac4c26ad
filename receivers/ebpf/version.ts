import { readFileSync } from 'node:fs'
import { ROOT } from '../../native/root.ts'

/** The version that package.json says. */
export function version(): string {
  const text = readFileSync(`${ROOT}package.json`, 'utf8')
  const { version: found } = JSON.parse(text) as { readonly version: string }
  return found
}
