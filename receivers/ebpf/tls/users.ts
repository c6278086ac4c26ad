import type { BpfMap } from '../../../native/bpf_map.ts'
import { recordsIn } from '../records.ts'

const BATCH = 256
/** Of struct tls_user in bpf/include/maps.h. */
const TGID_AT = 8

/** Where code that moves plaintext lies in each process: addresses of instructions. */
export type TlsUsers = ReadonlyMap<number, readonly bigint[]>

/** Reads the kernel's map `tls_users`. */
export function tlsUsers(map: BpfMap): TlsUsers {
  const found = new Map<number, bigint[]>()
  for (const { count, keys } of map.scan(BATCH)) {
    const { view } = recordsIn(keys)
    for (let i = 0; i < count; i++) {
      const at = i * map.info.keySize
      const tgid = view.getUint32(at + TGID_AT, true)
      const code = found.get(tgid) ?? []
      code.push(view.getBigUint64(at, true))
      found.set(tgid, code)
    }
  }
  return found
}

/** The files in which that code lies, by /proc/PID/maps. Source: https://man7.org/linux/man-pages/man5/proc_pid_maps.5.html */
export function filesOfCode(maps: string, code: readonly bigint[]): ReadonlySet<string> {
  const files = new Set<string>()
  if (code.length === 0) return files
  for (const line of maps.split('\n')) {
    const [, from, to, file] =
      /^([\da-f]+)-([\da-f]+) ..x.*?(\/.*?)(?: \(deleted\))?$/.exec(line) ?? []
    if (from === undefined || to === undefined || file === undefined) continue
    const [first, end] = [BigInt(`0x${from}`), BigInt(`0x${to}`)]
    if (code.some((address) => first <= address && address < end)) files.add(file)
  }
  return files
}
