import type { RemoteParent } from '../../trace_context/parent.ts'
import { isOfTrace, originOf } from '../origin.ts'

/** What a message's headers say of it: the trace that they name, and a status, if that is what it is. */
export interface Headers {
  readonly origin: RemoteParent | undefined
  /** '' of a message. */
  readonly status: string
}

const STATUS = /^NATS\/1\.0 +(\d{3})/
const FIELD = /^([^:\r\n]+): *([^\r\n]*)\r\n/gm

/**
 *     NATS/1.0 [status [text]] CR LF
 *     name: value CR LF
 *     CR LF
 *
 * Source: https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-4.md
 */
export function headersOf(block: string): Headers {
  const found = new Map<string, string>()
  for (const [, name = '', value = ''] of block.matchAll(FIELD)) {
    const lower = name.toLowerCase()
    if (isOfTrace(lower)) found.set(lower, value)
  }
  return { origin: originOf(found), status: STATUS.exec(block)?.[1] ?? '' }
}
