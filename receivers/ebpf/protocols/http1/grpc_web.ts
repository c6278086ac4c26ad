import type { Connection, StreamHost } from '../../protocol.ts'
import type { Sample } from '../../trace_context/sampling.ts'
import { emitRpc } from '../grpc/span.ts'
import { saidStatus, statusOfHttp } from '../grpc/status.ts'
import type { Exchange } from './exchange.ts'
import type { Message } from './message.ts'
import type { Http1Reason } from './reasons.ts'
import type { RequestUrl } from './url.ts'

const UNSEEN: Http1Reason = 'grpc_web_unseen'

/** Its content is followed: `WebCalls` found the type in the head of either side. */
export const isGrpcWeb = ({ request, response }: Exchange): boolean =>
  request.content !== undefined || response?.content !== undefined

/** Sends a call of gRPC-Web as a span of gRPC: its status is a header, or lies at the end of its content. */
export function emitGrpcWeb(
  exchange: Exchange,
  url: RequestUrl,
  connection: Connection,
  host: StreamHost,
  sample: Sample,
): void {
  const { request, response, failure, endNs } = exchange
  const status = statusOf(exchange)
  const responseMessages = messagesOf(response)
  const isCut = response?.content !== undefined && responseMessages === undefined
  const isUnseen = status === '' && exchange.partial === '' && isCut
  if (isUnseen) host.count(UNSEEN)
  const rpc = {
    head: request.head,
    url,
    status,
    failure,
    requestMessages: messagesOf(request),
    responseMessages,
    partial: isUnseen ? UNSEEN : exchange.partial,
    startNs: request.firstNs,
    endNs,
    tgid: response?.tgid ?? request.tgid,
  }
  emitRpc(rpc, connection, host, sample)
}

/** Undefined of an answer that has another form, and where not all was captured. */
const messagesOf = (message: Message<unknown> | undefined) =>
  message?.content === undefined || message.bodyBytes === undefined
    ? undefined
    : message.content.count

function statusOf({ response, failure }: Exchange): string {
  const said = response?.head?.grpcStatus || response?.content?.status || ''
  if (said !== '') return saidStatus(said)
  return failure === '' ? statusOfHttp(response?.head?.status ?? 0) : 'UNAVAILABLE'
}
