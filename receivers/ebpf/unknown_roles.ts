import { ConnRole, chunk, connHead, Direction, run } from '../../bpf/events.gen.ts'
import { beginsSettings } from './protocols/http2/begins.ts'
import { type Records, recordsIn } from './records.ts'

/** Records kept of one connection until its role is known. */
const MAX_RECORDS = 8
/** What an answer of HTTP/1 begins with. */
const ANSWER = Buffer.from('HTTP/')
/** Connections that wait at once; the oldest is forgotten. */
const MAX_CONNECTIONS = 1024

/**
 * Chunks of TLS connections whose socket, and with it the role, is not proved yet. When both directions have spoken, or much has
 * come, content decides: a request line and a status line cannot be taken for each other.
 */
export class UnknownRoles {
  readonly #held = new Map<number, Buffer[]>()

  /** Keeps a copy of the record. Returns the role if content tells and waiting longer is of no use, else ConnRole.UNKNOWN. */
  hold(from: Records, at: number, length: number): number {
    const id = connHead.connId(from.view, at)
    const records = this.#held.get(id) ?? []
    if (records.length === 0) this.#makeRoom()
    records.push(Buffer.from(from.bytes.subarray(at, at + length)))
    this.#held.set(id, records)
    const first = records[0]
    if (first === undefined) return ConnRole.UNKNOWN
    const opening = recordsIn(first)
    const turned = chunk.direction(opening.view, 0) !== chunk.direction(from.view, at)
    return turned || records.length >= MAX_RECORDS ? roleByContent(opening) : ConnRole.UNKNOWN
  }

  /** What was held of a connection, in order; nothing is held any more. */
  take(id: number): readonly Buffer[] {
    const records = this.#held.get(id) ?? []
    this.#held.delete(id)
    return records
  }

  forget(id: number): void {
    this.#held.delete(id)
  }

  #makeRoom(): void {
    if (this.#held.size < MAX_CONNECTIONS) return
    const oldest = this.#held.keys().next().value
    if (oldest !== undefined) this.#held.delete(oldest)
  }
}

/** A connection that opens with `HTTP/`, or with the settings of a server of HTTP/2, answers; any other asks. */
function roleByContent(opening: Records): number {
  const captured = run.captured(opening.view, chunk.run)
  if (captured < ANSWER.length) return ConnRole.UNKNOWN
  const bytes = opening.bytes.subarray(chunk.size, chunk.size + captured)
  const answers = ANSWER.every((octet, i) => bytes[i] === octet) || beginsSettings(bytes)
  const incoming = chunk.direction(opening.view, 0) === Direction.IN
  return answers === incoming ? ConnRole.CLIENT : ConnRole.SERVER
}
