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

/** Ticks of all CPUs since boot, and those that the hypervisor gave to another machine. Source: proc_stat(5) */
function ticks(): { readonly all: number; readonly stolen: number } {
  const [cpus = ''] = readFileSync('/proc/stat', 'utf8').split('\n')
  const kinds = cpus.trim().split(/\s+/).slice(1, 9).map(Number)
  return { all: kinds.reduce((sum, one) => sum + one, 0), stolen: kinds[7] ?? 0 }
}

/** How hard it is to get a CPU from now on. Shares are of the time so far, from 0 to 1. */
export class CpuPressure {
  readonly #beganMs = performance.now()
  readonly #waitedUs = waitedUs()
  readonly #ticks = ticks()

  /** In which somebody waited for a CPU; 0 where the kernel does not tell. */
  waited(): number {
    const elapsedUs = (performance.now() - this.#beganMs) * 1000
    return (waitedUs() - this.#waitedUs) / Math.max(1, elapsedUs)
  }

  /** In which a CPU was another machine's; 0 without a hypervisor. */
  stolen(): number {
    const { all, stolen } = ticks()
    return (stolen - this.#ticks.stolen) / Math.max(1, all - this.#ticks.all)
  }
}
