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

/** What a library makes of a response that is not gRPC's. Source: http-grpc-status-mapping.md */
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

/** Nanoseconds of a `grpc-timeout`; undefined when there is none. */
export function timeoutNs(text: string): number | undefined {
  const [, digits, unit] = TIMEOUT.exec(text) ?? []
  return digits === undefined ? undefined : Number(digits) * UNIT_NS[unit as keyof typeof UNIT_NS]
}

/** The name of a `grpc-status`; '' when there is none. */
export function saidStatus(said: string): string {
  if (said === '') return ''
  return CODE.test(said) ? (STATUSES[Number(said)] ?? 'UNKNOWN') : 'UNKNOWN'
}

/** What a response says that came whole, and without a status of gRPC. */
export function statusOfHttp(status: number): string {
  return status === 0 || status === 200 ? '' : (BY_HTTP.get(status) ?? 'UNKNOWN')
}
