import { SpanKind } from '../../../../pipeline/data/traces.ts'
import type { Connection, StreamHost } from '../../protocol.ts'
import { extract } from '../../trace_context/extract.ts'
import type { Sample } from '../../trace_context/sampling.ts'
import { emitCall } from '../call_span.ts'
import type { Exchange } from './exchange.ts'
import { hasTraces, isOtlpExport } from './otlp.ts'
import { routeOf } from './route.ts'
import type { ShownHeaders } from './shown_headers.ts'
import { errorType, type SpanOptions, spanAttributes, spanName } from './span.ts'
import type { RequestUrl } from './url.ts'

export interface HttpOptions extends SpanOptions {
  readonly sample: Sample
  /** Headers that spans show; absent if they show none. */
  readonly shown?: ShownHeaders | undefined
}

/** Sends an exchange of HTTP, of any version, as a span: unless it is an export, or of a route that is not wanted. */
export function emitExchange(
  exchange: Exchange,
  url: RequestUrl,
  connection: Connection,
  host: StreamHost,
  options: HttpOptions,
): void {
  const { request, response } = exchange
  const { head } = request
  const tgid = response?.tgid ?? request.tgid
  const status = response?.head?.status ?? 0
  const { role } = connection
  if (isOtlpExport(head, url.path)) {
    host.count('otlp_export')
    if (status >= 200 && status < 300 && hasTraces(url.path)) host.movedOtlpTraces(tgid, role)
    return
  }
  const service = host.serviceOf(tgid)
  const route = routeOf(service, role, head.method, url.path, status)
  if (route === undefined) {
    host.count('route_ignored')
    return
  }
  const operation = {
    name: spanName(head.method, route),
    kind: role === 'server' ? SpanKind.server : SpanKind.client,
    extracted: extract(head.trace),
    only: service?.routes.onlyOf(url.path),
    startNs: request.firstNs,
    endNs: exchange.endNs,
    failed: errorType(exchange, role) !== '',
    tgid,
    get attributes() {
      return spanAttributes(exchange, connection, url, route, options)
    },
  }
  emitCall(operation, host, options.sample)
}
