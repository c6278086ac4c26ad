import { RefusedError } from './component.ts'
import { codeName, StatusError } from './net/grpc_status.ts'
import { GaveUpError } from './retry.ts'
import type { Labels } from './telemetry/counters.ts'

/** An attempt that took too long. */
export class AttemptTimeoutError extends RefusedError {
  constructor(timeoutMs: number) {
    super(`no answer within ${timeoutMs / 1000}s (timeout)`)
    this.name = 'AttemptTimeoutError'
  }
}

/** Why items could not be sent, by the Collector's words. Source: exporter/exporterhelper/internal/obs_report_sender.go */
export function failureLabels(error: unknown): Labels {
  const isShutdown = error instanceof GaveUpError && error.reason === 'shutdown'
  const last = error instanceof GaveUpError ? error.cause : error
  return {
    'error.type': isShutdown ? 'Shutdown' : typeOf(error),
    'error.permanent': String(!isShutdown && !(last instanceof RefusedError)),
  }
}

function typeOf(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof AttemptTimeoutError) return 'Deadline_Exceeded'
    if (cause instanceof StatusError) return codeName(cause.status.code)
  }
  return '_OTHER'
}
