import {
  type Annotation,
  type BinaryAnnotation,
  type Endpoint,
  parentIdOf,
  type SpanV1,
  type SpanV2,
  spanIdOf,
  traceIdOf,
  ZipkinFault,
} from './model.ts'

type Members = Readonly<Record<string, unknown>>

/** Source: https://zipkin.io/zipkin-api/zipkin2-api.yaml. Throws `ZipkinFault`. */
export const readJsonV2 = (bytes: Buffer): readonly SpanV2[] =>
  spansOf(bytes).map((span) => ({
    ...identityOf(span),
    kind: kindOf(span),
    local: endpointOf(span['localEndpoint']),
    remote: endpointOf(span['remoteEndpoint']),
    tags: tagsOf(span['tags']),
  }))

/** Source: https://zipkin.io/zipkin-api/zipkin-api.yaml. Throws `ZipkinFault`. */
export const readJsonV1 = (bytes: Buffer): readonly SpanV1[] =>
  spansOf(bytes).map((span) => ({
    ...identityOf(span),
    binaryAnnotations: listOf(span, 'binaryAnnotations').map(
      (one): BinaryAnnotation => ({
        key: textOf(one, 'key'),
        value: plainOf(one['value']),
        endpoint: endpointOf(one['endpoint']),
      }),
    ),
  }))

function spansOf(bytes: Buffer): readonly Members[] {
  let value: unknown
  try {
    value = JSON.parse(bytes.toString('utf8'))
  } catch (cause) {
    throw new ZipkinFault(`no JSON: ${(cause as Error).message}`, { cause })
  }
  if (!Array.isArray(value)) throw new ZipkinFault('expected a list of spans')
  return value.map((one) => membersOf(one, 'span'))
}

function membersOf(value: unknown, what: string): Members {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Members
  throw new ZipkinFault(`${what}: expected an object, got ${shown(value)}`)
}

const shown = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 60)

const identityOf = (span: Members) => ({
  traceId: traceIdOf(textOf(span, 'traceId')),
  id: spanIdOf(textOf(span, 'id')),
  parentId: parentIdOf(textOf(span, 'parentId')),
  name: textOf(span, 'name'),
  timestamp: microsOf(span, 'timestamp') || undefined,
  duration: microsOf(span, 'duration'),
  annotations: listOf(span, 'annotations').map(
    (one): Annotation => ({
      timestamp: microsOf(one, 'timestamp'),
      value: textOf(one, 'value'),
      endpoint: endpointOf(one['endpoint']),
    }),
  ),
})

function textOf(members: Members, name: string): string {
  const value = members[name] ?? ''
  if (typeof value === 'string') return value
  throw new ZipkinFault(`${name}: expected a string, got ${shown(value)}`)
}

function microsOf(members: Members, name: string): bigint {
  const value = members[name] ?? 0
  if (typeof value === 'number' && value >= 0 && Number.isFinite(value)) {
    return BigInt(Math.trunc(value))
  }
  throw new ZipkinFault(`${name}: expected microseconds, got ${shown(value)}`)
}

function listOf(members: Members, name: string): readonly Members[] {
  const value = members[name] ?? []
  if (!Array.isArray(value)) throw new ZipkinFault(`${name}: expected a list, got ${shown(value)}`)
  return value.filter((one) => one !== null).map((one) => membersOf(one, name))
}

function endpointOf(value: unknown): Endpoint | undefined {
  if (value === undefined || value === null) return undefined
  const members = membersOf(value, 'endpoint')
  return {
    serviceName: textOf(members, 'serviceName'),
    ipv4: textOf(members, 'ipv4'),
    ipv6: textOf(members, 'ipv6'),
    port: Number(microsOf(members, 'port')),
  }
}

function kindOf(span: Members): SpanV2['kind'] {
  const kind = textOf(span, 'kind').toUpperCase()
  return kind === 'CLIENT' || kind === 'SERVER' || kind === 'PRODUCER' || kind === 'CONSUMER'
    ? kind
    : ''
}

function tagsOf(value: unknown): ReadonlyMap<string, string> {
  const pairs = Object.entries(membersOf(value ?? {}, 'tags'))
  return new Map(pairs.map(([key, one]) => [key, String(plainOf(one))] as const))
}

/** Some clients write numbers and bools where the format has text. */
function plainOf(value: unknown): string | number | boolean {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return value
  }
  return value === undefined || value === null ? '' : JSON.stringify(value)
}
