const NAMING = ['OTEL_SERVICE_NAME', 'OTEL_RESOURCE_ATTRIBUTES'] as const

/**
 * The variables of a watched process that name it. Nothing else of its environment is kept: secrets live there.
 * The first of two with one name counts, as getenv(3) finds it.
 */
export function namingVariables(environ: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const entry of environ) {
    for (const name of NAMING) {
      if (!entry.startsWith(name) || entry[name.length] !== '=' || found.has(name)) continue
      found.set(name, entry.slice(name.length + 1))
    }
  }
  return found
}

/**
 * `OTEL_RESOURCE_ATTRIBUTES`: key=value pairs between commas, values percent-encoded. A malformed list is
 * discarded whole, as the specification asks.
 * Source: https://opentelemetry.io/docs/specs/otel/resource/sdk/#specifying-resource-information-via-an-environment-variable
 */
export function parseResourceAttributes(text: string): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>()
  for (const part of text.split(',')) {
    if (part.trim() === '') continue
    const equals = part.indexOf('=')
    const key = part.slice(0, Math.max(equals, 0)).trim()
    const value = decode(part.slice(equals + 1).trim())
    if (key === '' || value === undefined) return new Map()
    attributes.set(key, value)
  }
  return attributes
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
