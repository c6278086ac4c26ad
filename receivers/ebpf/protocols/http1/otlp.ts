import type { RequestHead } from './head.ts'

const HTTP_PATH = /\/v1\/(?:traces|metrics|logs)$|\/v1development\/profiles$/
const GRPC_PATH =
  /\/opentelemetry\.proto\.collector\.(?:trace|metrics|logs|profiles)\.v1(?:development)?\.[A-Za-z]+Service\/Export$/
const CONTENT_TYPES = new Set(['application/x-protobuf', 'application/json'])

/**
 * True for a request that exports telemetry by OTLP, over HTTP or gRPC: a span of it would be exported in turn, and so on.
 * When the capture ended before the content type, the path alone decides.
 * Source: https://opentelemetry.io/docs/specs/otlp/#otlphttp-request
 */
export function isOtlpExport(
  head: Pick<RequestHead, 'method' | 'contentType' | 'complete'>,
  path: string,
): boolean {
  if (head.method !== 'POST') return false
  if (GRPC_PATH.test(path)) return true
  if (!HTTP_PATH.test(path)) return false
  if (head.contentType === '') return !head.complete
  const semicolon = head.contentType.indexOf(';')
  const type = semicolon < 0 ? head.contentType : head.contentType.slice(0, semicolon)
  return CONTENT_TYPES.has(type.trim().toLowerCase())
}

/** True for the request of an export, if what it exports are traces. */
export const hasTraces = (path: string): boolean =>
  /\/v1\/traces$|\.trace\.v1\.TraceService\/Export$/.test(path)
