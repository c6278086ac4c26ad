import { readFileSync } from 'node:fs'
import { addon } from './addon.ts'
import type { BpfObject } from './bpf_object.ts'

/** What it costs to pass a probe, nanoseconds of CPU: of the sort that the kernel emulates, and of the sort that it single-steps. */
export interface TrapCosts {
  readonly emulatedNs: number
  readonly steppedNs: number
}

const CALLS = 2000
const ROUNDS = 5

/**
 * Measures the two with probes in functions of weir's own that do nothing: calls with the probe, less calls without, the least of
 * some rounds. `program` of `object` is what is attached; it should return at once for this process. Takes some 50 ms.
 */
export function measureTrapCosts(object: BpfObject, program: string): TrapCosts {
  return {
    emulatedNs: costOf(object, program, true),
    steppedNs: costOf(object, program, false),
  }
}

function costOf(object: BpfObject, program: string, emulated: boolean): number {
  const without = leastOf(emulated)
  const { path, offset } = placeOf(addon.trapTarget(emulated))
  const link = object.attachUprobe(program, path, offset)
  try {
    return Math.max(leastOf(emulated) - without, 0)
  } finally {
    object.detach(link)
  }
}

const leastOf = (emulated: boolean): number =>
  Math.min(
    ...Array.from({ length: ROUNDS }, () => addon.callTrapTarget(emulated, CALLS / ROUNDS)),
  ) /
  (CALLS / ROUNDS)

/** Where in its file the code at an address of this process lies. Source: https://man7.org/linux/man-pages/man5/proc_pid_maps.5.html */
function placeOf(address: number): { readonly path: string; readonly offset: number } {
  for (const line of readFileSync('/proc/self/maps', 'utf8').split('\n')) {
    const [, from = '', to = '', offset = '', path = ''] =
      /^([\da-f]+)-([\da-f]+) \S+ ([\da-f]+) \S+ \d+ +(\/.*)$/.exec(line) ?? []
    const start = Number.parseInt(from, 16)
    if (address < start || !(address < Number.parseInt(to, 16))) continue
    return { path, offset: address - start + Number.parseInt(offset, 16) }
  }
  throw new Error(`read /proc/self/maps: no file at ${address.toString(16)}`)
}
