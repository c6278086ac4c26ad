import { readFileSync } from 'node:fs'

/** Microseconds since boot in which somebody waited for a CPU. Source: Linux, Documentation/accounting/psi.rst */
function waitedUs(): number {
  try {
    const some = /^some .*total=(\d+)/m.exec(readFileSync('/proc/pressure/cpu', 'utf8'))
    return Number(some?.[1] ?? 0)
  } catch {
    return 0 // a kernel that does not tell
  }
}

/** How crowded the machine is from now on. */
export class CpuPressure {
  readonly #beganMs = performance.now()
  readonly #waitedUs = waitedUs()

  /** Of the time so far, the share in which somebody waited for a CPU, from 0 to 1; 0 where the kernel does not tell. */
  share(): number {
    const elapsedUs = (performance.now() - this.#beganMs) * 1000
    return (waitedUs() - this.#waitedUs) / Math.max(1, elapsedUs)
  }
}
