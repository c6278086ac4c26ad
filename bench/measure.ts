import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'

const TICK_US = 10_000 // USER_HZ is 100 on every architecture that Linux exports it for

/** CPU time of a process and its threads, user and system, microseconds. 0 when it is gone. */
export function cpuUs(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) * TICK_US
  } catch {
    return 0
  }
}

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

const UNIT_MS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000 }

/** A load that waits to be let go. */
export interface HeldLoad {
  readonly pid: number
  go(): Promise<Load>
}

/**
 * A wrk that has started as far as its agent is concerned and sends nothing yet: whoever watches processes has judged it by the
 * time that it is let go. Does not block: a sink in this process answers meanwhile.
 */
export function holdWrk(
  url: string,
  connections: number,
  seconds: number,
  script?: string,
): HeldLoad {
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency']
  if (script) args.push('-s', script)
  const child = spawn('sh', ['-c', 'read go; exec wrk "$@"', 'sh', ...args, url], {
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
      if (code !== 0) throw new Error(`wrk ended with ${code}:\n${text}`)
      return loadOf(text)
    },
  }
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
