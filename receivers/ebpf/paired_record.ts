import { exchange, run } from '../../bpf/events.gen.ts'
import type { Paired, PairedRun } from './protocol.ts'
import type { Records } from './records.ts'

class RunInPlace implements PairedRun {
  position = 0
  bytes = 0
  start = 0
  end = 0
  firstNs = 0
  lastNs = 0

  /** The run at `at`, whose captured bytes begin at `start` and end before `limit`. */
  read({ view }: Records, at: number, start: number, limit: number): void {
    this.position = run.position(view, at)
    this.bytes = run.bytes(view, at)
    this.start = start
    this.end = Math.min(start + run.captured(view, at), limit)
    this.firstNs = run.firstNs(view, at)
    this.lastNs = run.lastNs(view, at)
  }
}

/** An exchange record as the protocol sees it, in place: used for one after the other. */
export class PairedRecord implements Paired {
  bytes: Uint8Array = Buffer.alloc(0)
  readonly request = new RunInPlace()
  readonly response = new RunInPlace()
  tgid = 0

  read(from: Records, at: number, length: number, tgid: number): this {
    const limit = at + length
    this.bytes = from.bytes
    this.tgid = tgid
    this.request.read(from, at + exchange.request, at + exchange.size, limit)
    this.response.read(from, at + exchange.response, this.request.end, limit)
    return this
  }
}
