import { type Attributes, attribute, int, string } from '../../pipeline/data/attributes.ts'
import type { RedactionConfig } from './config.ts'

/** Keys of what was done, by what it was. */
export class Done {
  readonly redacted: string[] = []
  readonly masked: string[] = []
  readonly allowed: string[] = []
  readonly ignored: string[] = []
}

/** Adds what was done to what attributes tell already, if the configuration asks for it. */
export function summarized(
  attributes: Attributes,
  prefix: string,
  done: Done,
  summary: RedactionConfig['summary'],
): Attributes {
  if (summary === '' || summary === 'silent') return attributes
  let found = attributes
  for (const what of ['redacted', 'masked', 'allowed', 'ignored'] as const) {
    const keys = done[what]
    if (keys.length === 0) continue
    if (summary === 'debug' && what !== 'ignored') {
      found = withKeys(found, `${prefix}.${what}.keys`, keys)
    }
    found = withCount(found, `${prefix}.${what}.count`, keys.length)
  }
  return found
}

function withKeys(attributes: Attributes, key: string, keys: readonly string[]): Attributes {
  const before = attribute(attributes, key)
  const known = before?.kind === 'string' && before.value !== '' ? before.value.split(',') : []
  return put(attributes, string(key, [...keys, ...known].sort().join(',')))
}

function withCount(attributes: Attributes, key: string, count: number): Attributes {
  const before = attribute(attributes, key)
  return put(attributes, int(key, count + (before?.kind === 'int' ? Number(before.value) : 0)))
}

function put(attributes: Attributes, one: Attributes[number]): Attributes {
  const at = attributes.findIndex(({ key }) => key === one.key)
  return at < 0 ? [...attributes, one] : attributes.with(at, one)
}
