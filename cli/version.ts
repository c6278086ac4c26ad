import { readFileSync } from 'node:fs'

/** The version that package.json says. */
export function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  const json: unknown = JSON.parse(text)
  if (typeof json === 'object' && json !== null && 'version' in json) return String(json.version)
  throw new Error('package.json has no version')
}
