import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(new URL('../../../test/guest/tsc_khz.c', import.meta.url))

/** As on real machines: left alone, the kernel finds emulated counters unsteady and reads the HPET, 10 us each time. */
const TSC = 'tsc=reliable clocksource=tsc'

/**
 * What a guest's kernel is told of its clock. An emulated processor shows this machine's counter as its own. A guest that measures how
 * fast that is, while others take the processor from it, is wrong by up to a factor of ten, and so are all its timeouts.
 * Source: kernel Documentation/admin-guide/kernel-parameters.txt, tsc_early_khz
 */
export function clockParameters(folder: string, icount: boolean): string {
  if (icount) return TSC // it counts instructions, and no load disturbs that
  const binary = join(folder, 'tsc_khz')
  execFileSync('gcc', ['-O2', '-o', binary, PROGRAM])
  return `${TSC} tsc_early_khz=${execFileSync(binary).toString().trim()}`
}
