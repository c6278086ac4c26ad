/** Waits between attempts to connect. Source: grpc/doc/connection-backoff.md */
const BASE_MS = 1000
const FACTOR = 1.6
const JITTER = 0.2
const MAX_MS = 120_000

/** Milliseconds until the next attempt after `failures` in a row. `random` is from 0 to 1. */
export function backoffMs(failures: number, random: number): number {
  const wait = Math.min(BASE_MS * FACTOR ** (failures - 1), MAX_MS)
  return wait * (1 + JITTER * (2 * random - 1))
}
