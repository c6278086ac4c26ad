import { RefusedError } from '../../pipeline/component.ts'
import type { HttpResponse } from '../../pipeline/net/http_client.ts'
import { retryAfterMs } from '../../pipeline/net/retry_after.ts'
import type { WriteRequest } from './write_request.ts'

const WRITTEN = ['samples', 'histograms'].map((kind) => `x-prometheus-remote-write-${kind}-written`)
const WRITTEN_EXEMPLARS = 'x-prometheus-remote-write-exemplars-written'
const UNSUPPORTED = 415
const BAD_REQUEST = 400

/** The receiver does not understand version 2.0. */
export class VersionError extends Error {
  readonly code = 'REMOTE_WRITE_VERSION'
}

/** Refused for ever, or written in part. */
export class RejectedError extends Error {
  readonly code = 'REMOTE_WRITE_REJECTED'
  /** Points that were not written, at most: of version 2.0 the receiver tells how much it has written. */
  readonly points: number
  readonly isPartial: boolean

  constructor(message: string, points: number, isPartial: boolean) {
    super(message)
    this.points = points
    this.isPartial = isPartial
  }
}

/**
 * Throws unless all was written: `RefusedError` after 429 and 5xx, which say to try again, and after any other refusal one of the two
 * above. Who does not say how much of version 2.0 it has written knows 1.0 only, and may have read the request as an empty one.
 */
export function judge(what: string, response: HttpResponse, request: WriteRequest): void {
  const { status, headers, body } = response
  const isWell = status >= 200 && status < 300
  if (isWell && request.v2 === undefined) return
  const said = body.toString().trim()
  const message = `${what}: responded with HTTP Status Code ${status}${said && `, Message=${said}`}`
  if (status === 429 || status >= 500) {
    const wait = retryAfterMs(headers['retry-after'], Date.now())
    throw new RefusedError(message, wait === undefined ? {} : { retryAfterMs: wait })
  }
  if (request.v2 === undefined) throw new RejectedError(message, request.points, false)
  const isSilent = [...WRITTEN, WRITTEN_EXEMPLARS].every((name) => headers[name] === undefined)
  const isOld = isSilent && (isWell || status === BAD_REQUEST)
  if (status === UNSUPPORTED || isOld) throw new VersionError(message)
  const { samples, histograms } = request.v2
  const written = WRITTEN.reduce((sum, name) => sum + (Number(headers[name]) || 0), 0)
  const unwritten = Math.max(0, samples + histograms - written)
  if (isWell && unwritten === 0) return
  throw new RejectedError(
    `${message}: ${written} of ${samples + histograms} samples written`,
    Math.min(request.points, unwritten),
    written > 0,
  )
}
