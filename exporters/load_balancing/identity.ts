import type { AnyValue, Attributes } from '../../pipeline/data/attributes.ts'
import type { Metric } from '../../pipeline/data/metrics.ts'
import type { Resource, Scope } from '../../pipeline/data/resource.ts'
import { bigOf, type Word64 } from '../../pipeline/hash/bits.ts'
import { fnv64 } from '../../pipeline/hash/fnv.ts'
import { xxh64 } from '../../pipeline/hash/xxh64.ts'

/** What stands before each key and value, and behind lists. */
const MARK = {
  extra: 0xf3,
  key: 0xf4,
  empty: 0xf5,
  bytes: 0xf6,
  string: 0xf7,
  true: 0xf8,
  false: 0xf9,
  int: 0xfa,
  double: 0xfb,
  map: 0xfc,
  mapEnd: 0xfd,
  list: 0xfe,
  listEnd: 0xff,
} as const

const NO_ATTRIBUTES = Buffer.alloc(16)
const EXTRA = Buffer.of(MARK.extra)

/**
 * 16 bytes that are equal for equal attributes, whatever their order.
 * Source: pkg/pdatautil/hash.go of https://github.com/open-telemetry/opentelemetry-collector-contrib at v0.159.0
 */
function hashOf(attributes: Attributes): Buffer {
  if (attributes.length === 0) return NO_ATTRIBUTES
  const parts: Uint8Array[] = []
  writeMap(attributes, parts)
  const bytes = Buffer.concat([...parts, EXTRA])
  const hash = Buffer.alloc(16)
  hash.writeBigUInt64LE(xxh64(bytes.subarray(0, -1)), 0)
  hash.writeBigUInt64LE(xxh64(bytes), 8)
  return hash
}

/** Of a key that comes twice the first value counts both times. */
function writeMap(attributes: Attributes, parts: Uint8Array[]): void {
  const first = new Map<string, AnyValue>()
  for (const { key, value } of attributes) if (!first.has(key)) first.set(key, value)
  const keys = attributes.map(({ key }) => [key, Buffer.from(key)] as const)
  for (const [key, bytes] of keys.sort(([, a], [, b]) => a.compare(b))) {
    parts.push(Buffer.of(MARK.key), bytes)
    const value = first.get(key)
    if (value !== undefined) writeValue(value, parts)
  }
}

function writeValue(value: AnyValue, parts: Uint8Array[]): void {
  const eight = Buffer.alloc(8)
  switch (value.kind) {
    case 'string':
    case 'bytes':
      parts.push(Buffer.of(MARK[value.kind]), Buffer.from(value.value as string))
      return
    case 'bool':
      parts.push(Buffer.of(value.value ? MARK.true : MARK.false))
      return
    case 'int':
      eight.writeBigInt64LE(BigInt(value.value))
      parts.push(Buffer.of(MARK.int), eight)
      return
    case 'double':
      eight.writeDoubleLE(value.value)
      parts.push(Buffer.of(MARK.double), eight)
      return
    case 'kvlist':
      parts.push(Buffer.of(MARK.map))
      writeMap(value.value, parts)
      parts.push(Buffer.of(MARK.mapEnd))
      return
    case 'array':
      parts.push(Buffer.of(MARK.list))
      for (const one of value.value) writeValue(one, parts)
      parts.push(Buffer.of(MARK.listEnd))
      return
    case 'empty':
      parts.push(Buffer.of(MARK.empty))
  }
}

const hexOf = (hash: Word64): string => bigOf(hash).toString(16)

/**
 * The Collector's name of a resource, which its load balancer hashes.
 * Source: internal/exp/metrics/identity, as above
 */
export const resourceIdentity = ({ attributes }: Resource): string =>
  `resource/${hexOf(fnv64(hashOf(attributes)))}`

const KINDS = { empty: 0, gauge: 1, sum: 2, histogram: 3, exponential_histogram: 4, summary: 5 }

/** All of a metric that is the same for its points; `streamIdentity` goes on from there. */
export function metricIdentity(resource: Resource, scope: Scope, metric: Metric): Word64 {
  const { name, unit, data } = metric
  const temporality = 'temporality' in data ? data.temporality : 0
  const grows = data.kind === 'sum' ? data.monotonic : 'temporality' in data
  return [
    hashOf(resource.attributes),
    Buffer.from(scope.name + scope.version),
    hashOf(scope.attributes),
    Buffer.from(name + unit),
    Buffer.of(KINDS[data.kind], Number(grows), temporality),
  ].reduce((hash, part) => fnv64(part, hash), fnv64(Buffer.of()))
}

/** The Collector's name of a series: a metric, and the attributes of a point. */
export const streamIdentity = (metric: Word64, attributes: Attributes): string =>
  `stream/${hexOf(fnv64(hashOf(attributes), metric))}`
