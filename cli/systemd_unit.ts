import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Check } from './doctor/check.ts'

/** Compiled and bundled, this lies two folders below the root. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url))
/** Where the shipped unit expects weir. */
const INSTALLED = '/opt/weir'
const NEEDS_ADMIN =
  '# This kernel lets nobody attach uprobes without CAP_SYS_ADMIN. Without it TLS is not read, and all else is.\n'
const DOCTOR_TIMEOUT_MS = 300_000 // emulated machines are slow

class UnitError extends Error {
  readonly code = 'UNIT_NOT_MADE'
  readonly hint: string
  constructor(reason: string, hint: string, cause?: Error) {
    super(`try which capabilities are enough: ${reason}`, { cause })
    this.name = 'UnitError'
    this.hint = hint
  }
}

/**
 * The shipped unit, for this place, with the first set of capabilities with which all works that root can do here. Some
 * kernels want CAP_SYS_ADMIN for uprobes, Debian's 6.1 since a fix that it took over: no version tells, so it is tried.
 */
export function unitFor(needed: readonly string[]): string {
  if (process.getuid?.() !== 0) throw new UnitError('only root can try them', 'run it with sudo')
  const asRoot = new Set(lackingWith([]))
  const works = (names: readonly string[]) =>
    lackingWith(only(names)).every((name) => asRoot.has(name))
  const enough = [needed, [...needed, 'SYS_ADMIN']].find(works) ?? needed
  const names = enough.map((name) => `CAP_${name}`).join(' ')
  const reason = enough === needed ? '' : NEEDS_ADMIN
  return readFileSync(`${ROOT}/deploy/systemd/weir.service`, 'utf8')
    .replaceAll(INSTALLED, ROOT.replace(/\/$/, ''))
    .replace(/^AmbientCapabilities=.*$/m, `${reason}AmbientCapabilities=${names}`)
    .replace(/^CapabilityBoundingSet=.*$/m, `CapabilityBoundingSet=${names}`)
}

const only = (capabilities: readonly string[]): string[] => {
  const set = capabilities.map((name) => `+${name.toLowerCase()}`).join(',')
  return ['setpriv', '--inh-caps=-all', `--bounding-set=-all,${set}`]
}

/** The names of what a doctor that is launched so finds wrong. Of the hook families `auto` takes the best that works. */
function lackingWith(launcher: readonly string[]): readonly string[] {
  const argv = [...launcher, `${ROOT}/bin/weir`, 'doctor', '--json']
  const { stdout, stderr, error } = spawnSync(argv[0] ?? '', argv.slice(1), {
    encoding: 'utf8',
    timeout: DOCTOR_TIMEOUT_MS,
  })
  if (!stdout) throw new UnitError(error?.message ?? stderr.trim(), 'see `weir doctor`', error)
  const { checks } = JSON.parse(stdout) as { readonly checks: readonly Check[] }
  return checks
    .filter(({ state, name }) => state !== 'ok' && name !== 'clock')
    .map(({ name }) => name)
}
