import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { LOCK_FD, SetupError } from './run.mjs'

/** Takes the lock, saying so if that means to wait, and becomes the script that was asked for. */
const TAKE = `exec ${LOCK_FD}>>"$0"
flock -n ${LOCK_FD} || {
	echo 'weir set-up: another one is at work in this checkout: waiting for it' >&2
	flock ${LOCK_FD}
}
exec "$@"`

/**
 * Runs `work` alone among the processes that name this lock file: this script starts again below flock(1). What
 * it runs holds the lock too, so an npm that outlives an interrupt is waited for; the kernel frees it in the end.
 */
export function alone(path, work) {
  if (process.env.WEIR_SET_UP_LOCK === path) return work()
  mkdirSync(dirname(path), { recursive: true })
  const again = ['-c', TAKE, path, process.execPath, ...process.argv.slice(1)]
  const { status, error } = spawnSync('sh', again, {
    stdio: 'inherit',
    env: { ...process.env, WEIR_SET_UP_LOCK: path },
  })
  if (error) throw new SetupError(`run sh: ${error.message}`)
  process.exitCode = status ?? 1
}
