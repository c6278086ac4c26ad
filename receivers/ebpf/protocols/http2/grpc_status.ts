import type { Call, Ending } from './call.ts'
import { CANCEL, ENHANCE_YOUR_CALM, INADEQUATE_SECURITY, REFUSED_STREAM } from './errors.ts'

/** By their codes. Source: https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
const STATUSES = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const

/** What a library makes of a stream that was reset. Source: gRPC over HTTP2, "Errors" */
const BY_RESET: ReadonlyMap<number, string> = new Map([
  [REFUSED_STREAM, 'UNAVAILABLE'],
  [CANCEL, 'CANCELLED'],
  [ENHANCE_YOUR_CALM, 'RESOURCE_EXHAUSTED'],
  [INADEQUATE_SECURITY, 'PERMISSION_DENIED'],
])

/** What it makes of a response that is not gRPC's. Source: http-grpc-status-mapping.md */
const BY_HTTP: ReadonlyMap<number, string> = new Map([
  [400, 'INTERNAL'],
  [401, 'UNAUTHENTICATED'],
  [403, 'PERMISSION_DENIED'],
  [404, 'UNIMPLEMENTED'],
  [429, 'UNAVAILABLE'],
  [502, 'UNAVAILABLE'],
  [503, 'UNAVAILABLE'],
  [504, 'UNAVAILABLE'],
])

const CODE = /^\d{1,2}$/
const TIMEOUT = /^(\d{1,8})([HMSmun])$/
const UNIT_NS = { H: 3600e9, M: 60e9, S: 1e9, m: 1e6, u: 1e3, n: 1 } as const
/** A deadline fires that much early by the clock of another. */
const EARLY_NS = 1e6

/** Nanoseconds of a `grpc-timeout`; undefined when there is none. */
export function timeoutNs(text: string): number | undefined {
  const [, digits, unit] = TIMEOUT.exec(text) ?? []
  return digits === undefined ? undefined : Number(digits) * UNIT_NS[unit as keyof typeof UNIT_NS]
}

/** The status that the client's library tells of; '' when that cannot be known. */
export function endStatus(call: Call, ending: Ending): string {
  const { response } = call
  const said = response?.grpcStatus ?? ''
  if (CODE.test(said)) return STATUSES[Number(said)] ?? 'UNKNOWN'
  if (said !== '') return 'UNKNOWN'
  if (ending.code !== undefined) return ofReset(call, ending, ending.code)
  if (ending.failure !== '') return 'UNAVAILABLE'
  const status = response?.head.status ?? 0
  if (status !== 0 && status !== 200) return BY_HTTP.get(status) ?? 'UNKNOWN'
  return ''
}

/** A client whose deadline is over resets the stream as one that has lost interest. */
function ofReset({ request, startNs }: Call, ending: Ending, code: number): string {
  const timeout = timeoutNs(request.timeout)
  const isOver = timeout !== undefined && ending.endNs - startNs >= timeout - EARLY_NS
  if (code === CANCEL && ending.byClient && isOver) return 'DEADLINE_EXCEEDED'
  return BY_RESET.get(code) ?? 'INTERNAL'
}
