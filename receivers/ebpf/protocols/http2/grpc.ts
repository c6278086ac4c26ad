import type { Connection, StreamHost } from '../../protocol.ts'
import type { Sample } from '../../trace_context/sampling.ts'
import { emitRpc } from '../grpc/span.ts'
import { saidStatus, statusOfHttp, timeoutNs } from '../grpc/status.ts'
import type { Call, Ending } from './call.ts'
import { CANCEL, ENHANCE_YOUR_CALM, INADEQUATE_SECURITY, REFUSED_STREAM } from './errors.ts'
import { failureOf, partialOf, urlOf } from './span.ts'

/** What a library makes of a stream that was reset. Source: gRPC over HTTP2, "Errors" */
const BY_RESET: ReadonlyMap<number, string> = new Map([
  [REFUSED_STREAM, 'UNAVAILABLE'],
  [CANCEL, 'CANCELLED'],
  [ENHANCE_YOUR_CALM, 'RESOURCE_EXHAUSTED'],
  [INADEQUATE_SECURITY, 'PERMISSION_DENIED'],
])
/** A deadline fires that much early by the clock of another. */
const EARLY_NS = 1e6

/** Sends a call of gRPC, or gRPC-Web, as a span. */
export function emitGrpc(
  call: Call,
  ending: Ending,
  connection: Connection,
  host: StreamHost,
  sample: Sample,
): void {
  const rpc = {
    head: call.request.head,
    url: urlOf(call),
    status: endStatus(call, ending),
    failure: failureOf(ending),
    requestMessages: call.requestMessages.count,
    responseMessages: call.responseMessages.count,
    partial: partialOf(call),
    startNs: call.startNs,
    endNs: ending.endNs,
    tgid: call.tgid,
  }
  emitRpc(rpc, connection, host, sample)
}

/** The status that the client's library tells of; '' when that cannot be known. */
function endStatus(call: Call, ending: Ending): string {
  const head = call.response?.head
  const said = saidStatus(head?.grpcStatus || call.responseMessages.status)
  if (said !== '') return said
  if (ending.code !== undefined) return ofReset(call, ending, ending.code)
  return ending.failure === '' ? statusOfHttp(head?.status ?? 0) : 'UNAVAILABLE'
}

/** A client whose deadline is over resets the stream as one that has lost interest. */
function ofReset({ request, startNs }: Call, ending: Ending, code: number): string {
  const timeout = timeoutNs(request.timeout)
  const isOver = timeout !== undefined && ending.endNs - startNs >= timeout - EARLY_NS
  if (code === CANCEL && ending.byClient && isOver) return 'DEADLINE_EXCEEDED'
  return BY_RESET.get(code) ?? 'INTERNAL'
}
