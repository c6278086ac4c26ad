import { existsSync, readFileSync } from 'node:fs'
import { release } from 'node:os'
import { memlockLimit, readClocks } from '../../native/system.ts'
import { missingFrom } from '../privileges.ts'
import { type Check, degraded, failed, ok } from './check.ts'

const OLDEST = [5, 10] as const
/** Since then BPF memory is charged to the control group, and the limit counts no more. */
const NO_MEMLOCK = [5, 11] as const
/** A program that is put off the processor between two readings makes one of them late, no more. */
const CLOCK_WINDOW_NS = 1_000_000

export function hostChecks(): Check[] {
  return [capabilities(), kernel(), btf(), ...mounts(), memlock(), lockdown(), clock()]
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
