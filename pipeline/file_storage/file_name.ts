import type { Owner } from '../storage.ts'

/** `exporter_otlp_http_primary_traces.sqlite`: the Collector's names, and an ending that its own files have not. */
export function fileName({ kind, id, name }: Owner): string {
  const [type = '', ...rest] = id.split('/')
  const parts = [kind, type, rest.join('/'), ...(name === '' ? [] : [name])]
  return `${safe(parts.join('_'))}.sqlite`
}

/** `~` and the number of each character that means something in a path. */
const safe = (name: string) =>
  name.replace(
    /[^A-Za-z0-9._-]/gu,
    (char) => `~${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`,
  )
