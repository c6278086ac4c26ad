import type { OpenStream } from '../../protocol.ts'
import { parentBasedAlwaysOn } from '../../trace_context/sampling.ts'
import type { HeadParsers } from './captured_headers.ts'
import { emitExchange, type HttpOptions } from './emit.ts'
import type { Exchange, ExchangeHost } from './exchange.ts'
import { PlainSpans } from './plain_span.ts'
import { PlainStream } from './plain_stream.ts'
import { redactor, SENSITIVE_QUERY_PARAMETERS } from './redact.ts'
import { Http1Stream } from './stitch.ts'
import { requestUrl } from './url.ts'

export interface Http1Options extends HttpOptions {
  /** That keep headers for spans to show; absent if none are asked for. */
  readonly parsers?: HeadParsers | undefined
}

export const HTTP1_DEFAULTS: Http1Options = {
  redact: redactor(SENSITIVE_QUERY_PARAMETERS),
  trustForwarded: false,
  sample: parentBasedAlwaysOn,
}

const urlOf = ({ request: { head } }: Exchange) => requestUrl(head.method, head.target, head.host)

/** HTTP/1.0 and 1.1 on one connection, as spans. */
export const http1 =
  (options: Http1Options): OpenStream =>
  (connection, host) => {
    const listener: ExchangeHost = {
      exchange: (exchange) => emitExchange(exchange, urlOf(exchange), connection, host, options),
      count: (reason, n) => host.count(reason, n),
      verdict: (verdict) => host.verdict(verdict),
      parsers: options.parsers,
    }
    if (host.encoded === undefined || options.parsers !== undefined) {
      return new Http1Stream(connection, listener)
    }
    const spans = new PlainSpans(connection, host, host.encoded, options)
    return new PlainStream(connection, {
      ...listener,
      plain: (paired, request, response) => spans.write(paired, request, response),
    })
  }
