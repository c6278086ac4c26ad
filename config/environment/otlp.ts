import type { Expanded, Origin } from '../expanded.ts'
import type { Issue } from '../issue.ts'
import { type Env, leaf, mapNode } from './nodes.ts'
import { milliseconds } from './values.ts'

const PREFIX = 'OTEL_EXPORTER_OTLP_'
/** What OTLP has if a user asks for it and does not say where. */
const DEFAULT_ENDPOINT = 'http://localhost:4318'
const DEFAULT_GRPC_ENDPOINT = 'http://localhost:4317'
/** An endpoint on this machine, with a scheme or, of gRPC, without one. */
const LOOPBACK = /^(https?:\/\/)?(localhost|127(\.\d+){3}|\[::1\])(:\d+)?(\/|$)/i

export interface OtlpExporter {
  readonly type: 'otlp_grpc' | 'otlp_http'
  /** Its settings; undefined if nothing says where to send to. */
  readonly node: Expanded | undefined
  readonly issues: readonly Issue[]
}

/** What an exporter is for. */
export type ExportedSignal = 'traces' | 'metrics'

const ownPrefix = (signal: ExportedSignal) => `${PREFIX}${signal.toUpperCase()}_`

/**
 * The exporter that OpenTelemetry's own environment variables ask for: `otlp_http` or `otlp_grpc`. A variable for the signal wins over the
 * general one, and both over what a file of OBI's says; an empty one counts as not set. `asked`: by name, so it has a default endpoint.
 * Source: https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 */
export function otlpExporter(
  env: Env,
  obi: ReadonlyMap<string, Expanded> = new Map(),
  asked = false,
  signal: ExportedSignal = 'traces',
): OtlpExporter {
  const given: Record<string, string | undefined> = { ...env }
  const origins = new Map<string, Origin>()
  for (const [path, node] of obi) {
    const name = variableOf(path, node, signal)
    if (name === undefined || given[name]) continue
    given[name] = String(node.value)
    origins.set(name, node.origin)
  }
  const reader = new OtlpReader(given, origins, asked, signal)
  const node = reader.exporter(obi)
  return { type: reader.type, node, issues: reader.issues }
}

/** The variable that says what an option of OBI's says, too. An endpoint with a path is that of the signal itself. */
function variableOf(path: string, { value }: Expanded, signal: ExportedSignal): string | undefined {
  if (path === `otel_${signal}_export.protocol`) return `${ownPrefix(signal)}PROTOCOL`
  if (path !== `otel_${signal}_export.endpoint`) return undefined
  const pathname = URL.parse(String(value))?.pathname ?? '/'
  return pathname === '/' ? `${PREFIX}ENDPOINT` : `${ownPrefix(signal)}ENDPOINT`
}

class OtlpReader {
  readonly issues: Issue[] = []
  private readonly env: Env
  private readonly origins: ReadonlyMap<string, Origin>
  private readonly asked: boolean
  private readonly signal: ExportedSignal

  constructor(
    env: Env,
    origins: ReadonlyMap<string, Origin>,
    asked: boolean,
    signal: ExportedSignal,
  ) {
    this.env = env
    this.origins = origins
    this.asked = asked
    this.signal = signal
  }

  /** Without a protocol, the port that gRPC has by convention says it, as in OBI. */
  get type(): 'otlp_grpc' | 'otlp_http' {
    const protocol = this.find('PROTOCOL')?.value
    const port = URL.parse(this.find('ENDPOINT')?.value ?? '')?.port
    return protocol === 'grpc' || (protocol === undefined && port === '4317')
      ? 'otlp_grpc'
      : 'otlp_http'
  }

  exporter(obi: ReadonlyMap<string, Expanded>): Expanded | undefined {
    const endpoint = this.endpoint()
    if (endpoint === undefined) return undefined
    if (this.signal === 'traces') this.warnWithoutEffect()
    const queue = obi.get(`otel_${this.signal}_export.queue_size`)
    return mapNode(endpoint.node.origin, {
      [endpoint.key]: endpoint.node,
      ...this.compression(endpoint.node),
      ...this.leaves('TIMEOUT', timeoutOf),
      ...this.leaves('PROTOCOL', (value, origin) => this.protocol(value, origin)),
      ...this.headers(),
      ...this.tls(obi.get(`otel_${this.signal}_export.insecure_skip_verify`)),
      ...(queue && {
        sending_queue: mapNode(queue.origin, {
          queue_size: queue,
          sizer: leaf(queue.origin, 'items'),
        }),
      }),
    })
  }

  private originOf(name: string): Origin {
    return this.origins.get(name) ?? { source: `env:${name}` }
  }

  /** Over HTTP the endpoint of the signal is used as it is, the general one gets `/v1/traces` and its like. */
  private endpoint(): { key: string; node: Expanded } | undefined {
    for (const [name, key] of [
      [`${ownPrefix(this.signal)}ENDPOINT`, `${this.signal}_endpoint`],
      [`${PREFIX}ENDPOINT`, 'endpoint'],
    ] as const) {
      const value = this.env[name]
      const node = leaf(this.originOf(name), value ?? '')
      if (value) return { key: this.type === 'otlp_grpc' ? 'endpoint' : key, node }
    }
    if (!this.asked) return undefined
    const standard = this.type === 'otlp_grpc' ? DEFAULT_GRPC_ENDPOINT : DEFAULT_ENDPOINT
    return {
      key: 'endpoint',
      node: leaf({ source: `env:OTEL_${this.signal.toUpperCase()}_EXPORTER` }, standard),
    }
  }

  private find(name: string): { readonly value: string; readonly origin: Origin } | undefined {
    for (const full of [ownPrefix(this.signal) + name, PREFIX + name]) {
      const value = this.env[full]
      if (value) return { value, origin: this.originOf(full) }
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

  /** Unless told, bodies for this machine itself are not compressed: that costs more than all else that it does for a span. */
  private compression(endpoint: Expanded): Record<string, Expanded> {
    if (this.find('COMPRESSION')) {
      return this.leaves('COMPRESSION', (value) => ({ compression: value }))
    }
    return LOOPBACK.test(String(endpoint.value))
      ? { compression: leaf(endpoint.origin, 'none') }
      : {}
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

  private tls(insecureSkip: Expanded | undefined): Record<string, Expanded> {
    const insecure = this.type === 'otlp_grpc' ? this.find('INSECURE') : undefined
    const keys = {
      ...(insecure?.value.toLowerCase() === 'true' && {
        insecure: { value: true, origin: insecure.origin },
      }),
      ...(insecureSkip && { insecure_skip_verify: insecureSkip }),
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

function timeoutOf(text: string): Readonly<Record<string, string>> {
  const timeout = milliseconds(text)
  return timeout === undefined ? {} : { timeout }
}

function withoutEffect(name: string, type: string): string | undefined {
  if (!name.startsWith(PREFIX)) return undefined
  const rest = name.slice(PREFIX.length)
  if (/^(LOGS|PROFILES)_/.test(rest))
    return 'the default configuration makes traces and metrics only'
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
