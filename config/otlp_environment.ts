import type { Entry, Expanded, Origin } from './expanded.ts'
import type { Issue } from './issue.ts'

type Env = Readonly<Record<string, string | undefined>>

const PREFIX = 'OTEL_EXPORTER_OTLP_'
const TRACES = `${PREFIX}TRACES_`

export interface OtlpOverlay {
  /** To be merged over the default configuration. Absent if no endpoint is set. */
  readonly node?: Expanded
  readonly issues: readonly Issue[]
}

/**
 * The pipeline that OpenTelemetry's own environment variables ask for: `ebpf` to `batch` to `otlp_http` or `otlp_grpc`.
 * A variable for traces wins over the general one; an empty one counts as not set.
 * Source: https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 */
export function otlpFromEnvironment(env: Env): OtlpOverlay {
  const reader = new OtlpReader(env)
  const exporter = reader.exporter()
  if (exporter === undefined) return { issues: [] }
  const { origin } = exporter
  const node = mapNode(origin, {
    processors: mapNode(origin, { batch: leaf(origin, null) }),
    exporters: mapNode(origin, { [reader.type]: exporter }),
    service: mapNode(origin, {
      pipelines: mapNode(origin, { 'traces/otlp': pipeline(origin, reader.type) }),
    }),
  })
  return { node, issues: reader.issues }
}

const pipeline = (origin: Origin, exporter: string): Expanded =>
  mapNode(origin, {
    receivers: { value: [leaf(origin, 'ebpf')], origin },
    processors: { value: [leaf(origin, 'batch')], origin },
    exporters: { value: [leaf(origin, exporter)], origin },
  })

class OtlpReader {
  readonly issues: Issue[] = []
  private readonly env: Env

  constructor(env: Env) {
    this.env = env
  }

  get type(): 'otlp_grpc' | 'otlp_http' {
    return this.find('PROTOCOL')?.value === 'grpc' ? 'otlp_grpc' : 'otlp_http'
  }

  exporter(): Expanded | undefined {
    const endpoint = this.endpoint()
    if (endpoint === undefined) return undefined
    this.warnWithoutEffect()
    return mapNode(endpoint.node.origin, {
      [endpoint.key]: endpoint.node,
      ...this.leaves('COMPRESSION', (value) => ({ compression: value })),
      ...this.leaves('TIMEOUT', (value) => ({ timeout: `${value}ms` })),
      ...this.leaves('PROTOCOL', (value, origin) => this.protocol(value, origin)),
      ...this.headers(),
      ...this.tls(),
    })
  }

  /** Over HTTP the endpoint of traces is used as it is, the general one gets `/v1/traces`. */
  private endpoint(): { key: string; node: Expanded } | undefined {
    for (const [name, key] of [
      [`${TRACES}ENDPOINT`, 'traces_endpoint'],
      [`${PREFIX}ENDPOINT`, 'endpoint'],
    ] as const) {
      const value = this.env[name]
      const node = leaf({ source: `env:${name}` }, value ?? '')
      if (value) return { key: this.type === 'otlp_grpc' ? 'endpoint' : key, node }
    }
    return undefined
  }

  private find(name: string): { readonly value: string; readonly origin: Origin } | undefined {
    for (const full of [TRACES + name, PREFIX + name]) {
      const value = this.env[full]
      if (value) return { value, origin: { source: `env:${full}` } }
    }
    return undefined
  }

  private leaves(
    name: string,
    read: (value: string, origin: Origin) => Readonly<Record<string, string>>,
  ): Record<string, Expanded> {
    const found = this.find(name)
    if (found === undefined) return {}
    const keys = Object.entries(read(found.value, found.origin))
    return Object.fromEntries(keys.map(([key, value]) => [key, leaf(found.origin, value)]))
  }

  private protocol(value: string, origin: Origin): Record<string, string> {
    if (value === 'http/protobuf') return { encoding: 'proto' }
    if (value === 'http/json') return { encoding: 'json' }
    if (value === 'grpc') return {}
    const message = `expected "grpc", "http/protobuf" or "http/json", got ${JSON.stringify(value)}`
    this.issues.push({ severity: 'error', origin, path: [], message })
    return {}
  }

  /** `api-key=secret,tenant=a%20b` */
  private headers(): Record<string, Expanded> {
    const found = this.find('HEADERS')
    if (found === undefined) return {}
    const { origin } = found
    const pairs = found.value.split(',').filter((pair) => pair.trim() !== '')
    const headers = pairs.flatMap((pair) => {
      const [, name = '', value = ''] = /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/.exec(pair) ?? []
      if (name !== '') return [[name, leaf(origin, decoded(value))] as const]
      const message = 'expected "name=value,name=value" with values percent-encoded'
      this.issues.push({ severity: 'error', origin, path: [], message })
      return []
    })
    return { headers: mapNode(origin, Object.fromEntries(headers)) }
  }

  private tls(): Record<string, Expanded> {
    const insecure = this.type === 'otlp_grpc' ? this.find('INSECURE') : undefined
    const keys = {
      ...(insecure?.value.toLowerCase() === 'true' && {
        insecure: { value: true, origin: insecure.origin },
      }),
      ...this.leaves('CERTIFICATE', (value) => ({ ca_file: value })),
      ...this.leaves('CLIENT_CERTIFICATE', (value) => ({ cert_file: value })),
      ...this.leaves('CLIENT_KEY', (value) => ({ key_file: value })),
    }
    const [first] = Object.values(keys)
    return first === undefined ? {} : { tls: mapNode(first.origin, keys) }
  }

  private warnWithoutEffect(): void {
    for (const [name, value] of Object.entries(this.env)) {
      const reason = value ? withoutEffect(name, this.type) : undefined
      if (reason === undefined) continue
      const message = `has no effect: ${reason}`
      this.issues.push({
        severity: 'warning',
        origin: { source: `env:${name}` },
        path: [],
        message,
      })
    }
  }
}

function withoutEffect(name: string, type: string): string | undefined {
  if (!name.startsWith(PREFIX)) return undefined
  const rest = name.slice(PREFIX.length)
  if (/^(METRICS|LOGS|PROFILES)_/.test(rest)) return 'the default configuration makes traces only'
  if (rest.endsWith('INSECURE') && type === 'otlp_http')
    return 'the scheme of the endpoint, http or https, says it'
  return undefined
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}

/** Each `$` is doubled, for the values of variables are texts and no references. */
const leaf = (origin: Origin, value: string | null): Expanded => ({
  value: value?.replaceAll('$', '$$$$') ?? null,
  origin,
})

const mapNode = (origin: Origin, entries: Readonly<Record<string, Expanded>>): Expanded => ({
  value: new Map<string, Entry>(
    Object.entries(entries).map(([key, node]) => [key, { key: node.origin, node }]),
  ),
  origin,
})
