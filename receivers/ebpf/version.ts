import { readFileSync } from 'node:fs'

/** The version that package.json says; compiled, this file is dist/receivers/ebpf/version.js. */
export function version(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')
  const { version: found } = JSON.parse(text) as { readonly version: string }
  return found
}
