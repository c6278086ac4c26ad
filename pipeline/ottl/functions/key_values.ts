import type { Attributes } from '../../data/attributes.ts'
import { EvaluationError } from '../error.ts'
import { withKey } from '../keys.ts'
import { text } from '../value.ts'

/** `k1=v1 k2="v 2"` as a map. Throws `EvaluationError` for a part without delimiter. */
export function parseKeyValues(line: string, delimiter: string, pairs: string): Attributes {
  return partsOf(line, pairs).reduce<Attributes>((map, part) => {
    const at = part.indexOf(delimiter)
    if (at === -1) {
      throw new EvaluationError(`ParseKeyValue: "${part}" has no "${delimiter}"`)
    }
    return withKey(map, part.slice(0, at).trim(), text(part.slice(at + delimiter.length).trim()))
  }, [])
}

/** Divided at every `pairs` that stands in no quotes, which go, unless a backslash is before them; empty parts are left out. */
function partsOf(line: string, pairs: string): readonly string[] {
  const parts: string[] = []
  let [part, quote, escaped] = ['', '', false]
  for (let i = 0; i < line.length; i++) {
    const char = line[i] ?? ''
    if (quote === '' && line.startsWith(pairs, i)) {
      parts.push(part)
      part = ''
      i += pairs.length - 1
      continue
    }
    const begins = quote === '' && (char === '"' || char === "'")
    if (!escaped && (begins || char === quote)) {
      quote = begins ? char : ''
      continue
    }
    escaped = !escaped && char === '\\'
    part += char
  }
  if (quote !== '') throw new EvaluationError('ParseKeyValue: a quote is not closed')
  return [...parts, part].filter((one) => one !== '')
}
