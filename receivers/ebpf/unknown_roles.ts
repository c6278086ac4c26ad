import { ConnRole, chunk, connHead, Direction, run } from '../../bpf/events.gen.ts'
import { type Records, recordsIn } from './records.ts'

/** Records kept of one connection until its role is known. */
const MAX_RECORDS = 8
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

/** Of HTTP/1, the only protocol so far: a connection that opens with `HTTP/` answers, any other asks. */
function roleByContent(opening: Records): number {
  const text = opening.bytes.toString('latin1', chunk.size, chunk.size + 5)
  if (run.captured(opening.view, chunk.run) < 5) return ConnRole.UNKNOWN
  const incoming = chunk.direction(opening.view, 0) === Direction.IN
  return (text === 'HTTP/') === incoming ? ConnRole.CLIENT : ConnRole.SERVER
}
