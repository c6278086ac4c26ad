import type { Detect } from '../detector.ts'

/** `OTEL_RESOURCE_ATTRIBUTES`: `key=value,...`, percent-encoded. Source: OpenTelemetry, Resource SDK */
export const env: Detect = ({ world }) => {
  const text = world.env['OTEL_RESOURCE_ATTRIBUTES'] || world.env['OTEL_RESOURCE'] || ''
  const pairs = text
    .split(',')
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '')
    .map(pairOf)
  return Promise.resolve(Object.fromEntries(pairs))
}

function pairOf(pair: string): readonly [key: string, value: string] {
  const equals = pair.indexOf('=')
  const key = pair.slice(0, Math.max(0, equals)).trim()
  if (key === '') throw new Error(`OTEL_RESOURCE_ATTRIBUTES: "${pair}" is no key=value`)
  const value = pair.slice(equals + 1).trim()
  try {
    return [key, decodeURIComponent(value)]
  } catch {
    throw new Error(`OTEL_RESOURCE_ATTRIBUTES: "${value}" is not percent-encoded`)
  }
}
