/** What Node adds to some times, as a second to that of kept connections, must fit into 32 bits too. */
const MAX_MS = 2 ** 31 - 1 - 60_000

/** A configured time as Node's timers can wait for it: 24.8 days at most. They fire at once for what is longer, so `720h` would be a busy loop. */
export const timerMs = (ms: number): number => Math.min(ms, MAX_MS)

/** The same in whole milliseconds, for what refuses fractions. */
export const wholeMs = (ms: number): number => Math.ceil(timerMs(ms))
