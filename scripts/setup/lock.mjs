import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { SetupError, say } from './run.mjs'

const BUSY = 75

/**
 * Runs `work` alone among the processes that name this lock file: this script starts again below flock(1), whose
 * lock the kernel frees however its holder ends. Where another one holds it, says so and waits.
 */
export function alone(path, work) {
  if (process.env.WEIR_SET_UP_LOCK === path) return work()
  mkdirSync(dirname(path), { recursive: true })
  const again = [path, process.execPath, ...process.argv.slice(1)]
  const options = { stdio: 'inherit', env: { ...process.env, WEIR_SET_UP_LOCK: path } }
  let ended = spawnSync('flock', ['-n', '-E', String(BUSY), ...again], options)
  if (ended.status === BUSY) {
    say('another one is at work in this checkout: waiting for it')
    ended = spawnSync('flock', again, options)
  }
  if (ended.error) throw new SetupError(`run flock: ${ended.error.message}`)
  process.exitCode = ended.status ?? 1
}
