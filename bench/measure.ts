import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'

const TICK_US = 10_000 // USER_HZ is 100 on every architecture that Linux exports it for

/** Sums fields of /proc/PID/stat, counted from 3, that are ticks: microseconds. 0 when the process is gone. */
function ticksUs(pid: number, fields: readonly number[]): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const values = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields.reduce((sum, field) => sum + Number(values[field - 3]), 0) * TICK_US
  } catch {
    return 0
  }
}

/** utime and stime, and those of children that have been waited for. */
const OWN = [14, 15]
const WITH_ENDED = [...OWN, 16, 17]

/** CPU time of a process and its threads, user and system, microseconds. 0 when it is gone. */
export const cpuUs = (pid: number): number => ticksUs(pid, OWN)

/** The same with its children, those that have ended, too. */
export const treeCpuUs = (pid: number): number =>
  childrenOf(pid).reduce((sum, child) => sum + cpuUs(child), ticksUs(pid, WITH_ENDED))

/** CPU time of its threads that run now, by the scheduler's own account, which is finer than ticks. */
export const threadsCpuUs = (pid: number): number =>
  readdirSync(`/proc/${pid}/task`).reduce((sum, tid) => {
    const [ns] = readFileSync(`/proc/${pid}/task/${tid}/schedstat`, 'utf8').split(' ')
    return sum + Number(ns) / 1000
  }, 0)

export interface Memory {
  readonly rssMiB: number
  readonly peakMiB: number
}

export function memoryOf(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const kib = (name: string) =>
    Number(status.match(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm'))?.[1] ?? 0)
  return { rssMiB: kib('VmRSS') / 1024, peakMiB: kib('VmHWM') / 1024 }
}

/** Direct children of a process. */
export function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((one) => {
      if (!Number.isInteger(one)) return false
      try {
        return readFileSync(`/proc/${one}/status`, 'utf8').includes(`\nPPid:\t${pid}\n`)
      } catch {
        return false
      }
    })
}

export interface Load {
  readonly requests: number
  readonly seconds: number
  readonly p99Ms: number
}

export const UNIT_MS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000 }

/** A load that waits to be let go. */
export interface HeldLoad {
  readonly pid: number
  go(): Promise<Load>
}

/**
 * A program that has started as far as its agent is concerned and sends nothing yet: whoever watches processes has judged it by the
 * time that it is let go. Does not block: a sink in this process answers meanwhile.
 */
export function holdLoad(command: readonly string[], read: (output: string) => Load): HeldLoad {
  const child = spawn('sh', ['-c', 'read go; exec "$@"', 'sh', ...command], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  return {
    pid: child.pid ?? 0,
    go: async () => {
      child.stdin.end('go\n')
      const [code] = await once(child, 'close')
      if (code !== 0) throw new Error(`${command[0]} ended with ${code}:\n${text}`)
      return read(text)
    },
  }
}

export function holdWrk(
  url: string,
  connections: number,
  seconds: number,
  script?: string,
): HeldLoad {
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency']
  if (script) args.push('-s', script)
  return holdLoad(['wrk', ...args, url], loadOf)
}

function loadOf(text: string): Load {
  const [, requests = '0', took = '1'] = text.match(/(\d+) requests in ([\d.]+)s/) ?? []
  const [, p99 = '0', unit = 'ms'] = text.match(/99%\s+([\d.]+)(us|ms|s)/) ?? []
  return {
    requests: Number(requests),
    seconds: Number(took),
    p99Ms: Number(p99) * (UNIT_MS[unit] ?? 1),
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const [low = 0, high = 0] = [sorted[sorted.length % 2 ? middle : middle - 1], sorted[middle]]
  return (low + high) / 2
}

export interface ProgramStats {
  readonly runs: number
  readonly ns: number
}

/** Runs and time of every BPF program, by name, while bpf_stats are on. */
export function bpfPrograms(): Map<string, ProgramStats> {
  const text = execFileSync('bpftool', ['-j', 'prog', 'show'], { encoding: 'utf8' })
  const programs = JSON.parse(text) as readonly {
    name?: string
    run_cnt?: number
    run_time_ns?: number
  }[]
  return new Map(
    programs.map(({ name = '', run_cnt = 0, run_time_ns = 0 }) => [
      name,
      { runs: run_cnt, ns: run_time_ns },
    ]),
  )
}
