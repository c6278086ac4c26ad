import {
  processExec,
  processExit,
  processFork,
  processListen,
  processMap,
  RecordType,
} from '../../bpf/events.gen.ts'
import type { Counters } from './counters.ts'
import { NO_CGROUP, readCgroup } from './discovery/cgroup.ts'
import { namingVariables } from './discovery/environment.ts'
import type { Process } from './discovery/process.ts'
import { readExePath, readNamingVariables, splitNul } from './discovery/procfs.ts'
import type { Records } from './records.ts'
import type { Mapping } from './sources/source.ts'

const COMM_ROOM = 16
const PATH_ROOM = 256
/** EXEC_ARGS_MAX: a record that long may have been cut. */
const ARGS_MAX = 4096

/** What happens to processes. */
export interface ProcessEvents {
  executed(process: Process): void
  forked(tgid: number, parent: number, startedNs: number): void
  /** `exitCode` as wait(2) tells it. */
  exited(tgid: number, exitCode: number): void
  listens(tgid: number, port: number): void
  mapped(mapping: Mapping): void
}

/** Reads one record of the process ring: `length` bytes at `at`. All of them begin with the same three fields. */
export function readProcessRecord(
  from: Records,
  at: number,
  length: number,
  events: ProcessEvents,
  counters: Counters,
): void {
  const { view } = from
  if (length < processFork.size) {
    counters.add('record_invalid')
    return
  }
  const type = processExec.type(view, at)
  const tgid = processExec.tgid(view, at)
  if (type === RecordType.EXEC && length >= processExec.size) {
    events.executed(executedProcess(from, at, length))
  } else if (type === RecordType.FORK) {
    events.forked(tgid, processFork.parent(view, at), processFork.timeNs(view, at))
  } else if (type === RecordType.EXIT) events.exited(tgid, processExit.exitCode(view, at))
  else if (type === RecordType.LISTEN) events.listens(tgid, processListen.port(view, at))
  else if (type === RecordType.MAP && length >= processMap.size) {
    const inode = Number(processMap.inode(view, at))
    events.mapped({ tgid, inode, device: Number(processMap.device(view, at)) })
  } else counters.add('record_invalid')
}

function executedProcess({ bytes, view }: Records, at: number, length: number): Process {
  const tgid = processExec.tgid(view, at)
  const from = at + processExec.size
  const end = Math.min(from + processExec.captured(view, at), at + length)
  const split = Math.min(from + processExec.argsBytes(view, at), end)
  const args = splitNul(bytes.toString('utf8', from, split))
  const env = namingVariables(splitNul(bytes.toString('utf8', split, end)))
  return {
    tgid,
    parent: processExec.parent(view, at),
    startedNs: processExec.timeNs(view, at),
    cpuBeforeNs: 0,
    comm: cString(bytes, at + processExec.comm, COMM_ROOM),
    exePath: readExePath(tgid) || absolute(cString(bytes, at + processExec.path, PATH_ROOM)),
    args,
    env: end - from < ARGS_MAX ? env : (readNamingVariables(tgid) ?? env),
    cgroup: readCgroup(tgid) ?? NO_CGROUP,
  }
}

/** The executable of a process that has ended already. A relative path would need its working directory. */
const absolute = (path: string) => (path.startsWith('/') ? path : '')

function cString(bytes: Buffer, at: number, room: number): string {
  const end = bytes.indexOf(0, at)
  return bytes.toString('utf8', at, end < 0 || end > at + room ? at + room : end)
}
