import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { ROOT } from './paths.mjs'

/** Debian keeps bpftool and servers in sbin folders, which only root's PATH names. */
process.env.PATH = `${process.env.PATH ?? '/usr/bin:/bin'}:/usr/local/sbin:/usr/sbin:/sbin`

/** Where the lock of lock.mjs is open, from the moment that anything is run. */
export const LOCK_FD = 3

/** Something the user has to know or do; printed without a stack. */
export class SetupError extends Error {}

export const say = (text) => process.stderr.write(`weir set-up: ${text}\n`)

/** Runs a command in the checkout, its output on stderr. Throws a SetupError when it fails. */
export function run(command, args, options = {}) {
  const { status, error, signal } = spawnSync(command, args, {
    cwd: ROOT,
    stdio: ['ignore', 2, 2, LOCK_FD],
    ...options,
  })
  if (error) throw new SetupError(`run ${command}: ${error.message}`)
  if (status !== 0) {
    throw new SetupError(`${[command, ...args].join(' ')}: ended with ${signal ?? status}`)
  }
}

/** Its standard output, or undefined when it cannot be run or fails. */
export function output(command, args, options = {}) {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8', ...options })
  return status === 0 ? stdout : undefined
}

/** The path of a command, or undefined. */
export function which(command) {
  return process.env.PATH.split(delimiter)
    .map((folder) => join(folder, command))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}
