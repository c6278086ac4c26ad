import { mkdirSync } from 'node:fs'
import { AgentError } from '../../native/agent_error.ts'
import { type HostLock, takeHostLock } from '../../native/host_lock.ts'
import { messageOf } from '../../pipeline/message_of.ts'

/** Where the one agent of a host says who it is. */
const RUN_FOLDER = '/run/weir'

type HeldLock = Extract<HostLock, { held: true }>

/** Throws an AgentError that names who has the lock, if somebody has. */
export function lockHost(): HeldLock {
  const path = `${RUN_FOLDER}/ebpf.lock`
  const lock = openLock(path)
  if (lock.held) return lock
  const who =
    lock.pid === process.pid ? 'another ebpf receiver of this agent' : `process ${lock.pid}`
  throw new AgentError(`lock ${path}: held by ${who}`, {
    code: 'ALREADY_RUNNING',
    hint: `one ebpf receiver per host: stop process ${lock.pid}, or leave the receiver out of this configuration`,
  })
}

function openLock(path: string): HostLock {
  try {
    mkdirSync(RUN_FOLDER, { recursive: true, mode: 0o755 })
    return takeHostLock(path)
  } catch (cause) {
    const reason = messageOf(cause)
    throw new AgentError(`lock ${path}: ${reason}`, {
      code: 'LOCK_FAILED',
      cause,
      hint: `run as root, or let the user of weir write to ${RUN_FOLDER}`,
    })
  }
}
