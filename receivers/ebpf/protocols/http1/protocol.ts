import { type Span, SpanKind } from '../../../../pipeline/data/traces.ts'
import type { Connection, OpenStream, StreamHost } from '../../protocol.ts'
import type { Service } from '../../services.ts'
import { extract } from '../../trace_context/extract.ts'
import { newSpanId, newTraceId } from '../../trace_context/ids.ts'
import { FLAG_RANDOM, FLAG_SAMPLED } from '../../trace_context/parent.ts'
import { parentBasedAlwaysOn, type Sample } from '../../trace_context/sampling.ts'
import type { Exchange } from './exchange.ts'
import { hasTraces, isOtlpExport } from './otlp.ts'
import { redactor, SENSITIVE_QUERY_PARAMETERS } from './redact.ts'
import { methodName, type SpanOptions, spanAttributes, spanName, spanStatus } from './span.ts'
import { Http1Stream } from './stitch.ts'
import { requestUrl } from './url.ts'

export interface Http1Options extends SpanOptions {
  readonly sample: Sample
}

export const HTTP1_DEFAULTS: Http1Options = {
  redact: redactor(SENSITIVE_QUERY_PARAMETERS),
  trustForwarded: false,
  sample: parentBasedAlwaysOn,
}

/** OTLP's Span.flags beyond the W3C flags: whether the parent is remote is known, and it is. */
const PARENT_IS_REMOTE = 0x300

/** HTTP/1.0 and 1.1 on one connection, as spans. */
export const http1 =
  (options: Http1Options): OpenStream =>
  (connection, host) =>
    new Http1Stream(connection, {
      exchange: (exchange) => emitSpan(exchange, connection, host, options),
      count: (reason, n) => host.count(reason, n),
      verdict: (verdict) => host.verdict(verdict),
    })

function emitSpan(
  exchange: Exchange,
  connection: Connection,
  host: StreamHost,
  options: Http1Options,
): void {
  const { request, response } = exchange
  const { head } = request
  const tgid = response?.tgid ?? request.tgid
  const url = requestUrl(head.method, head.target, head.host)
  if (isOtlpExport(head, url.path)) {
    host.count('otlp_export')
    const status = response?.head?.status ?? 0
    if (status >= 200 && status < 300 && hasTraces(url.path)) {
      host.movedOtlpTraces(tgid, connection.role)
    }
    return
  }
  const service = host.serviceOf(tgid)
  const isServer = connection.role === 'server'
  const route = routeOf(service, exchange, url.path, isServer)
  if (route === undefined) {
    host.count('route_ignored')
    return
  }
  const name = spanName(head.method, route)
  const extracted = extract(head.trace)
  const { parent } = extracted
  const traceId = parent?.traceId ?? newTraceId()
  const kind = isServer ? SpanKind.server : SpanKind.client
  const sample = service?.settings.sample ?? options.sample
  if (!sample(extracted, traceId, name, kind)) {
    host.count('unsampled')
    return
  }
  const traceFlags = parent === undefined ? FLAG_SAMPLED | FLAG_RANDOM : parent.flags | FLAG_SAMPLED
  const span: Span = {
    traceId,
    spanId: newSpanId(),
    parentSpanId: parent?.spanId ?? '',
    traceState: parent?.traceState ?? '',
    flags: isServer && parent !== undefined ? traceFlags | PARENT_IS_REMOTE : traceFlags,
    name,
    kind,
    start: host.unixTime(request.firstNs),
    end: host.unixTime(Math.max(exchange.endNs, request.firstNs)),
    attributes: spanAttributes(exchange, connection, url, route, options),
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    status: spanStatus(exchange, connection.role),
  }
  host.emit(span, tgid)
}

/** '' for none, undefined when requests of this path give no span. What the service did not know is not learned from. */
function routeOf(
  service: Service | undefined,
  { request, response }: Exchange,
  path: string,
  isServer: boolean,
): string | undefined {
  if (service === undefined || path === '') return ''
  const status = response?.head?.status ?? 0
  return service.routes.of({
    side: isServer ? 'incoming' : 'outgoing',
    method: methodName(request.head.method),
    path,
    learn: (status >= 200 && status < 400) || status >= 500,
  })
}
