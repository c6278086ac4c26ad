import { readFileSync } from 'node:fs'

/** A capability by its name and bit. Source: linux/include/uapi/linux/capability.h */
const CAPABILITIES = {
  CAP_SYS_PTRACE: 19n,
  CAP_SYS_ADMIN: 21n,
  CAP_PERFMON: 38n,
  CAP_BPF: 39n,
} as const

/** Load programs; attach them; read the executables and libraries of other processes. */
const NEEDED = ['CAP_BPF', 'CAP_PERFMON', 'CAP_SYS_PTRACE'] as const

/** This process may not do what the configuration asks for. */
class PrivilegeError extends Error {
  readonly code = 'NOT_PRIVILEGED'
  readonly hint =
    'run it as root (`sudo weir`), or grant them to its service (systemd: AmbientCapabilities=CAP_BPF CAP_PERFMON CAP_SYS_PTRACE)'
  constructor(receiver: string, missing: readonly string[]) {
    super(`receiver ${receiver}: load eBPF programs: this process lacks ${missing.join(', ')}`)
    this.name = 'PrivilegeError'
  }
}

/** Throws `PrivilegeError` if the `ebpf` receiver of that id could do nothing here. */
export function requirePrivileges(receiver: string): void {
  const missing = missingFrom(readFileSync('/proc/self/status', 'utf8'))
  if (missing.length > 0) throw new PrivilegeError(receiver, missing)
}

/** The capabilities that a /proc/PID/status lacks; CAP_SYS_ADMIN holds those of eBPF. */
export function missingFrom(status: string): readonly string[] {
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? '0'}`)
  const has = (name: keyof typeof CAPABILITIES) => ((effective >> CAPABILITIES[name]) & 1n) === 1n
  const admin = has('CAP_SYS_ADMIN')
  return NEEDED.filter((name) => !has(name) && !(admin && name !== 'CAP_SYS_PTRACE'))
}
