import type { Verdict } from './protocol.ts'

/** enum verdict */
const BITS: Readonly<Record<Verdict, bigint>> = {
  ignore: 1n,
  chunks: 2n,
  exchange: 3n,
  http2: 4n,
  grpc: 5n,
  nats: 6n,
  amqp: 7n,
  mqtt: 8n,
}
/** Below the connection's id. Source: bpf/include/select.h */
export const VERDICT_BITS = 4n

/**
 * User space's answers in the kernel's `verdicts`: `conn_id << 4 | verdict` at `conn_id % size`, written as one
 * aligned word, so that the kernel never sees half of it.
 */
export class Verdicts {
  readonly #words: BigUint64Array

  /** The map's memory; its entries are a power of two. */
  constructor(memory: ArrayBuffer) {
    this.#words = new BigUint64Array(memory)
  }

  set(connId: number, verdict: Verdict): void {
    const index = connId % this.#words.length
    this.#words[index] = (BigInt(connId) << VERDICT_BITS) | BITS[verdict]
  }
}
