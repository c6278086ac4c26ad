import type { Issue } from '../issue.ts'
import { type Env, warning } from './nodes.ts'
import { attributesOf } from './shortcut.ts'

/** OpenTelemetry's variables that are whole numbers of milliseconds. */
const MILLISECONDS =
  /^OTEL_(EXPORTER_OTLP_((TRACES|METRICS)_)?TIMEOUT|BSP_(SCHEDULE_DELAY|EXPORT_TIMEOUT)|METRIC_EXPORT_INTERVAL)$/
const BOOLEANS = /^OTEL_(SDK_DISABLED|EXPORTER_OTLP_((TRACES|METRICS)_)?INSECURE)$/

/** As a configuration has it; undefined for what `valueFaults` refuses. */
export const milliseconds = (text: string): string | undefined =>
  /^\s*\d+\s*$/.test(text) ? `${text.trim()}ms` : undefined

/** What OpenTelemetry's variables say that cannot be meant. Without `named`, nothing is there for a name. */
export function valueFaults(env: Env, named: boolean): readonly Issue[] {
  return Object.entries(env).flatMap(([name, value]) => {
    const origin = { source: `env:${name}` }
    if (!value) return []
    const got = `got ${JSON.stringify(value)}`
    if (MILLISECONDS.test(name) && milliseconds(value) === undefined)
      return { severity: 'error', origin, path: [], message: `expected milliseconds, ${got}` }
    // The specification: only "true" is true, and of all else but "false" is to be said so.
    if (BOOLEANS.test(name) && !/^(true|false)$/i.test(value))
      return warning(origin, `expected true or false, ${got}: taken as false`)
    return namingFault(name, env, named).map((message) => warning(origin, message))
  })
}

function namingFault(name: string, env: Env, named: boolean): readonly string[] {
  const isAttributes = name === 'OTEL_RESOURCE_ATTRIBUTES'
  if (isAttributes && attributesOf(env) === undefined) {
    return ['has no effect: expected "key=value,key=value" with values percent-encoded']
  }
  if (named || (!isAttributes && name !== 'OTEL_SERVICE_NAME')) return []
  return ['has no effect: it is for what OTEL_EBPF_OPEN_PORT and its like select, and none is set']
}
