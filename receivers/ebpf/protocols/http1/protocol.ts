import { type Span, SpanKind } from '../../../../pipeline/data/traces.ts'
import type { Connection, OpenStream, StreamHost } from '../../protocol.ts'
import { extract } from '../../trace_context/extract.ts'
import { newSpanId, newTraceId } from '../../trace_context/ids.ts'
import { parentBasedAlwaysOn, type Sample } from '../../trace_context/sampling.ts'
import { childFlags, ROOT_FLAGS } from '../../trace_context/span_flags.ts'
import { onlyOf } from '../only.ts'
import type { Exchange, ExchangeHost } from './exchange.ts'
import { hasTraces, isOtlpExport } from './otlp.ts'
import { PlainSpans } from './plain_span.ts'
import { PlainStream } from './plain_stream.ts'
import { redactor, SENSITIVE_QUERY_PARAMETERS } from './redact.ts'
import { routeOf } from './route.ts'
import { type SpanOptions, spanAttributes, spanName, spanStatus } from './span.ts'
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

/** HTTP/1.0 and 1.1 on one connection, as spans. */
export const http1 =
  (options: Http1Options): OpenStream =>
  (connection, host) => {
    const listener: ExchangeHost = {
      exchange: (exchange) => emitSpan(exchange, connection, host, options),
      count: (reason, n) => host.count(reason, n),
      verdict: (verdict) => host.verdict(verdict),
    }
    if (host.encoded === undefined) return new Http1Stream(connection, listener)
    const spans = new PlainSpans(connection, host, host.encoded, options)
    return new PlainStream(connection, {
      ...listener,
      plain: (paired, request, response) => spans.write(paired, request, response),
    })
  }

function emitSpan(
  exchange: Exchange,
  connection: Connection,
  host: StreamHost,
  options: Http1Options,
): void {
  const { request, response } = exchange
  const { head } = request
  const tgid = response?.tgid ?? request.tgid
  const status = response?.head?.status ?? 0
  const url = requestUrl(head.method, head.target, head.host)
  if (isOtlpExport(head, url.path)) {
    host.count('otlp_export')
    if (status >= 200 && status < 300 && hasTraces(url.path)) {
      host.movedOtlpTraces(tgid, connection.role)
    }
    return
  }
  const service = host.serviceOf(tgid)
  const isServer = connection.role === 'server'
  const route = routeOf(service, connection.role, head.method, url.path, status)
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
  const only = onlyOf(
    host,
    sample(extracted, traceId, name, kind),
    service?.routes.onlyOf(url.path),
  )
  if (only === 'nothing') return
  const span: Span = {
    traceId,
    spanId: newSpanId(),
    parentSpanId: parent?.spanId ?? '',
    traceState: parent?.traceState ?? '',
    flags: parent === undefined ? ROOT_FLAGS : childFlags(parent.flags, isServer),
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
  host.emit(span, tgid, only)
}
