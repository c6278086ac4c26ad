import type { OpenStream } from '../../protocol.ts'
import { parentBasedAlwaysOn } from '../../trace_context/sampling.ts'
import { parsersOf } from './captured_headers.ts'
import { emitExchange, type HttpOptions } from './emit.ts'
import type { Exchange, ExchangeHost, SeenRequest } from './exchange.ts'
import { emitGrpcWeb, isGrpcWeb } from './grpc_web.ts'
import { PlainSpans } from './plain_span.ts'
import { PlainStream } from './plain_stream.ts'
import { redactor, SENSITIVE_QUERY_PARAMETERS } from './redact.ts'
import { RepeatingSpans } from './repeating_spans.ts'
import { Http1Stream } from './stitch.ts'
import { requestUrl } from './url.ts'

/** Opens what a request has upgraded its connection to, of which it is the first. */
export type OpenUpgraded = (request: SeenRequest) => OpenStream

export const HTTP1_DEFAULTS: HttpOptions = {
  redact: redactor(SENSITIVE_QUERY_PARAMETERS),
  trustForwarded: false,
  sample: parentBasedAlwaysOn,
}

const urlOf = ({ request: { head } }: Exchange) => requestUrl(head.method, head.target, head.host)

/** HTTP/1.0 and 1.1 on one connection, as spans; `h2c` reads on behind an upgrade to HTTP/2. */
export const http1 = (options: HttpOptions, h2c?: OpenUpgraded): OpenStream => {
  const parsers = options.shown && parsersOf(options.shown)
  return (connection, host) => {
    const listener: ExchangeHost = {
      exchange: (exchange) => {
        const url = urlOf(exchange)
        if (isGrpcWeb(exchange)) emitGrpcWeb(exchange, url, connection, host, options.sample)
        else emitExchange(exchange, url, connection, host, options)
      },
      count: (reason, n) => host.count(reason, n),
      verdict: (verdict) => host.verdict(verdict),
      parsers,
      leave: (onward, request, at) => {
        if (onward === 'other' || (onward === 'h2c' && h2c === undefined)) return false
        host.become(at, onward === 'h2c' ? h2c?.(request) : undefined)
        return true
      },
    }
    if (host.encoded === undefined || parsers !== undefined) {
      return new Http1Stream(connection, listener)
    }
    const plain = new PlainSpans(connection, host, host.encoded, options)
    const spans = new RepeatingSpans(connection, plain)
    return new PlainStream(connection, {
      ...listener,
      again: (paired) => spans.again(paired),
      plain: (paired, request, response) => spans.write(paired, request, response),
    })
  }
}
