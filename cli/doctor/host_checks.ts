import { existsSync, readFileSync } from 'node:fs'
import { release } from 'node:os'
import { memlockLimit, readClocks } from '../../native/system.ts'
import { totalMemory } from '../../pipeline/memory_limit/memory.ts'
import { missingFrom } from '../privileges.ts'
import { type Check, degraded, failed, ok } from './check.ts'

const OLDEST = [5, 10] as const
/** Since then BPF memory is charged to the control group, and the limit counts no more. */
const NO_MEMLOCK = [5, 11] as const
/** A program that is put off the processor between two readings makes one of them late, no more. */
const CLOCK_WINDOW_NS = 1_000_000
const MIB = 1 << 20
/** At its start, of 500 processes of 50 programs; then it gives some back. */
const PEAK_MIB = 160

export function hostChecks(): Check[] {
  const memory = totalMemory() / MIB
  return [
    ...[capabilities(), kernel(), btf(), ...mounts(), memlock()],
    ...[cgroup(read('/proc/self/cgroup'), memory), lockdown(), clock()],
  ]
}

/** True if the running kernel is at least of this version. */
export function kernelIsSince(
  [major, minor]: readonly [number, number],
  text = release(),
): boolean {
  const [own = 0, second = 0] = text.split(/[.-]/).map(Number)
  return own > major || (own === major && second >= minor)
}

function capabilities(): Check {
  const missing = missingFrom(read('/proc/self/status'))
  const name = 'capabilities'
  if (missing.length === 0) return ok(name, 'CAP_BPF, CAP_PERFMON and CAP_SYS_PTRACE are there')
  return failed(name, `this process lacks ${missing.join(', ')}`, 'run it as root, or grant them')
}

function kernel(): Check {
  const found = `${release()}, ${process.arch}`
  if (kernelIsSince(OLDEST)) return ok('kernel', found)
  return failed('kernel', `${found}: below 5.10`, 'run a kernel that is 5.10 or newer')
}

function btf(): Check {
  const path = '/sys/kernel/btf/vmlinux'
  if (existsSync(path)) return ok('BTF', path)
  return failed(
    'BTF',
    `not at ${path}`,
    'mount sysfs, or run a kernel built with CONFIG_DEBUG_INFO_BTF',
  )
}

function mounts(): Check[] {
  const needed = [
    ['/proc', '/proc/self/status', 'processes are read there'],
    ['/sys', '/sys/kernel', "the kernel's types are read there"],
  ] as const
  const found = needed.map(([path, proof, why]) =>
    existsSync(proof)
      ? ok(`mount ${path}`, why)
      : failed(`mount ${path}`, `not mounted: ${why}`, `mount it, or share the host's`),
  )
  return [...found, hostProcesses()]
}

/** In a pid namespace of its own weir would not find the processes whose host ids the kernel tells. */
function hostProcesses(): Check {
  const depth = /^NSpid:\s*(.*)$/m.exec(read('/proc/self/status'))?.[1]?.split(/\s+/).length ?? 1
  const name = 'host pid namespace'
  if (depth === 1) return ok(name, 'process ids are those of this /proc')
  return failed(name, 'weir runs in a pid namespace of its own', 'hostPID: true, or --pid=host')
}

function memlock(): Check {
  const limit = memlockLimit()
  const name = 'memlock'
  if (limit === Infinity || kernelIsSince(NO_MEMLOCK)) return ok(name, 'does not limit BPF memory')
  return degraded(
    name,
    `limited to ${limit} bytes: weir raises it if it may`,
    'grant CAP_SYS_RESOURCE, or LimitMEMLOCK=infinity',
  )
}

/** `text`: its own `/proc/PID/cgroup`, as weir reads those of others. */
export function cgroup(text: string, memoryMiB: number): Check {
  const name = 'cgroup'
  if (text === '') {
    return degraded(
      name,
      'not to be read: containers, pods and units of processes are not known',
      'boot a kernel with control groups, or mount /proc of the host',
    )
  }
  const found = `containers, pods and units are read there; ${Math.floor(memoryMiB)} MiB are weir's to use`
  if (memoryMiB >= PEAK_MIB) return ok(name, found)
  const killed = `${found}: its start may take ${PEAK_MIB}, and be killed`
  return degraded(name, killed, 'raise the limit of memory')
}

function lockdown(): Check {
  const text = read('/sys/kernel/security/lockdown')
  const mode = /\[(\w+)\]/.exec(text)?.[1] ?? ''
  if (mode === 'confidentiality') {
    return failed(
      'lockdown',
      'confidentiality: BPF may not read memory of the kernel',
      'boot with lockdown=integrity or none',
    )
  }
  return ok('lockdown', mode === '' ? 'not to be seen here; what it forbids is tried below' : mode)
}

function clock(): Check {
  const { windowNs } = readClocks()
  const found = `boot clock and wall clock are read within ${windowNs} ns`
  if (windowNs < CLOCK_WINDOW_NS) return ok('clock', found)
  return degraded('clock', `${found}: times of spans are off by up to that`, 'look at the load')
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
