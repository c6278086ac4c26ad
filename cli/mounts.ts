import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { Logger } from '../pipeline/component.ts'

interface Mount {
  readonly type: string
  readonly path: string
  /** Is there if it is mounted. */
  readonly proof: string
  readonly reason: string
}

/** What the `ebpf` receiver reads; bare containers and initramfs shells come without. */
const MOUNTS: readonly Mount[] = [
  { type: 'proc', path: '/proc', proof: '/proc/self/status', reason: 'processes are read there' },
  {
    type: 'sysfs',
    path: '/sys',
    proof: '/sys/kernel',
    reason: "the kernel's types are read there",
  },
]

/** Mounts what is not there, and says so; a mount that is refused is said with the words of mount(8). */
export function mountWhatIsMissing(log: Logger): void {
  for (const { type, path, proof, reason } of MOUNTS) {
    if (existsSync(proof)) continue
    const { status, stderr, error } = spawnSync('mount', ['-t', type, type, path], {
      encoding: 'utf8',
    })
    if (status === 0) log.info(`Mounted ${type} on ${path}: ${reason}.`)
    else
      log.warn(`${type} is not mounted on ${path}, and cannot be.`, {
        cause: error ?? stderr.trim(),
      })
  }
}
