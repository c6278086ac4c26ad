import type { OpenStream, Verdict } from '../../protocol.ts'
import { emitExchange, type HttpOptions } from '../http1/emit.ts'
import type { SeenRequest } from '../http1/exchange.ts'
import { PlainSpans } from '../http1/plain_span.ts'
import { type Call, type Ending, upgradedCall } from './call.ts'
import { Calls, type CallsHost } from './calls.ts'
import { emitGrpc } from './grpc.ts'
import { PlainCall } from './plain_call.ts'
import { RepeatingCalls } from './repeating_calls.ts'
import { exchangeOf, partialOf, urlOf } from './span.ts'
import { Http2Stream } from './stream.ts'

/** The one read last: streams are called one at a time, so they share it. */
const plainCall = new PlainCall()

/** HTTP/2 on one connection, as spans: of gRPC where the content is that, one for each stream. */
export const http2 =
  (options: HttpOptions, first?: SeenRequest): OpenStream =>
  (connection, host) => {
    let told: Verdict | undefined
    const spans =
      host.encoded === undefined
        ? undefined
        : new RepeatingCalls(connection, new PlainSpans(connection, host, host.encoded, options))
    const writes = (call: Call, ending: Ending): boolean =>
      spans !== undefined &&
      plainCall.lay(call, ending, connection.tls ? 'https' : 'http') &&
      spans.write(plainCall)
    const listener: CallsHost = {
      // Where gRPC was, more of it may come.
      begun: (call) => {
        const verdict = call.grpcKind === '' ? 'http2' : 'grpc'
        if (told === 'grpc' || told === verdict) return
        told = verdict
        host.verdict(verdict)
      },
      call: (call, ending) => {
        stream.proved()
        const partial = partialOf(call)
        if (partial !== '') host.count(partial)
        if (call.grpcKind !== '') emitGrpc(call, ending, connection, host, options.sample)
        else if (!writes(call, ending))
          emitExchange(exchangeOf(call, ending), urlOf(call), connection, host, options)
      },
      count: (reason, n) => host.count(reason, n),
    }
    const calls = new Calls(connection.role, listener, options.shown)
    const stream = new Http2Stream(connection, host, calls)
    if (first !== undefined) calls.begin(upgradedCall(first))
    return stream
  }

/** The same, behind a request of HTTP/1 that was upgraded: its response comes on the first stream. */
export const http2Upgraded =
  (options: HttpOptions) =>
  (first: SeenRequest): OpenStream =>
  (connection, host) => {
    host.verdict('http2')
    return http2(options, first)(connection, host)
  }
