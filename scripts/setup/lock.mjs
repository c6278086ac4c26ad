import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { say } from './run.mjs'

const WAIT_MS = 200

function holder(path) {
  try {
    const pid = Number(readFileSync(path, 'utf8'))
    process.kill(pid, 0)
    return pid
  } catch (error) {
    return error.code === 'EPERM' ? 'another user' : undefined
  }
}

function pause(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

/** Runs `work` alone among the processes that name this lock file. One that died leaves no lock behind. */
export function alone(path, work) {
  mkdirSync(dirname(path), { recursive: true })
  let told = false
  for (;;) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' })
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    const pid = holder(path)
    if (pid === undefined) rmSync(path, { force: true })
    else if (!told) say(`waiting for the set-up that runs as ${pid}`)
    told ||= pid !== undefined
    pause(WAIT_MS)
  }
  try {
    return work()
  } finally {
    rmSync(path, { force: true })
  }
}
