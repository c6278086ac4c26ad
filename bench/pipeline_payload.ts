import { createHash } from 'node:crypto'
import { int, string } from '../pipeline/data/attributes.ts'
import { traceBatch } from '../pipeline/data/batch.ts'
import { NO_SPAN, type Span } from '../pipeline/data/traces.ts'

/** Spans of one request of the load. */
export const SPANS = 512

/** Hexadecimal digits that no compression shortens, the same on every run. */
const randomHex = (bytes: number, seed: string): string =>
  createHash('sha256')
    .update(seed)
    .digest('hex')
    .slice(0, bytes * 2)

/** As the instrumentation of an HTTP server makes it; some 325 bytes in protobuf. */
function serverSpan(index: number): Span {
  return {
    ...NO_SPAN,
    traceId: randomHex(16, `trace ${index >> 2}`),
    spanId: randomHex(8, `span ${index}`),
    parentSpanId: randomHex(8, `parent ${index}`),
    flags: 0x101,
    name: 'GET /api/v1/orders/{id}',
    kind: 2,
    start: [1_700_000_000, index * 1_234_567],
    end: [1_700_000_001, index * 1_456_789],
    attributes: [
      string('http.request.method', 'GET'),
      string('url.path', `/api/v1/orders/${index}`),
      string('http.route', '/api/v1/orders/{id}'),
      int('http.response.status_code', 200),
      string('server.address', 'orders.shop.example'),
      string('network.peer.address', '10.1.2.3'),
      string('url.scheme', 'https'),
    ],
  }
}

/** The `n`th request of `SPANS` spans, as an SDK sends it; no two spans are the same. */
export function payload(n: number): Uint8Array {
  const resource = {
    attributes: [
      string('service.name', 'orders'),
      string('service.version', '1.2.3'),
      string('telemetry.sdk.language', 'go'),
      string('host.name', 'node-17'),
    ],
    droppedAttributesCount: 0,
  }
  const scope = {
    name: 'example.com/otelhttp',
    version: '0.60.0',
    attributes: [],
    droppedAttributesCount: 0,
  }
  const spans = Array.from({ length: SPANS }, (_, index) => serverSpan(n * SPANS + index))
  return traceBatch([
    { resource, scopeSpans: [{ scope, spans, schemaUrl: '' }], schemaUrl: '' },
  ]).toProtobuf()
}
