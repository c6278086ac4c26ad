import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { freePort } from '../support/ports.ts'

const WEIR = fileURLToPath(new URL('../../../bin/weir', import.meta.url))
const READY = 'Everything is ready. Begin running and processing data.'
const RELOADED = 'The new configuration is at work.'

export interface WeirOptions {
  readonly folder: string
  /** Of the OTLP receiver. */
  readonly port: number
  /** Of the backend. */
  readonly endpoint: string
  /** `sending_queue` of the exporter. */
  readonly queue: object
  /** `file_storage`; left out, there is none. */
  readonly storage?: object
  /** Of its own metrics; left out, it has none. */
  readonly metricsPort?: number
  readonly retry?: object
  /** Mounts a file system in memory of so many bytes at `folder`/small, which only weir sees. */
  readonly smallDiskBytes?: number
}

/** A running weir: OTLP over HTTP in and out. */
export interface Weir {
  readonly process: ChildProcess
  readonly log: readonly string[]
  /** Resident memory now, in MiB. */
  rssMiB(): number
  /** A path as weir sees it, for us. */
  inside(path: string): string
  /** Other settings, and SIGHUP; resolves when they are at work. */
  reload(options: WeirOptions): Promise<void>
  /** SIGTERM; the exit code. */
  stop(): Promise<number | null>
  /** SIGKILL. */
  kill(): Promise<void>
}

/** The sum of a metric over all its labels. */
export async function scrape(port: number, name: string): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`)
  const lines = (await response.text()).split('\n')
  return lines
    .filter((line) => line.startsWith(`${name}{`))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
}

export function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'weir-queue-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** With a large queue on disk, in a new folder. */
export async function queueOnDisk(t: TestContext, { endpoint }: { readonly endpoint: string }) {
  const folder = folderOf(t)
  const storage = { directory: folder }
  return { folder, port: await freePort(), endpoint, queue: { queue_size: 100_000 }, storage }
}

function configuration(options: WeirOptions): string {
  const { port, endpoint, queue, storage, retry, metricsPort } = options
  const prometheus = { host: '127.0.0.1', port: metricsPort }
  const metrics =
    metricsPort === undefined
      ? { level: 'none' }
      : { readers: [{ pull: { exporter: { prometheus } } }] }
  return JSON.stringify({
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}` } } } },
    ...(storage && { extensions: { file_storage: storage } }),
    exporters: {
      otlp_http: {
        endpoint,
        compression: 'none',
        sending_queue: { ...queue, ...(storage && { storage: 'file_storage' }) },
        retry_on_failure: {
          initial_interval: '50ms',
          max_interval: '500ms',
          max_elapsed_time: 0,
          ...retry,
        },
      },
    },
    service: {
      extensions: storage ? ['file_storage'] : [],
      pipelines: { traces: { receivers: ['otlp'], exporters: ['otlp_http'] } },
      telemetry: { metrics },
    },
  })
}

/** Resolves when it is ready; rejects with its log if it ends before. */
export async function startWeir(t: TestContext, options: WeirOptions): Promise<Weir> {
  const file = join(options.folder, 'weir.yaml')
  writeFileSync(file, configuration(options))
  const run = `exec '${WEIR}' run --config '${file}'`
  const disk = join(options.folder, 'small')
  const size = options.smallDiskBytes
  const child =
    size === undefined
      ? spawn('sh', ['-c', run], { stdio: ['ignore', 'ignore', 'pipe'] })
      : spawn(
          'unshare',
          [
            '-m',
            'sh',
            '-c',
            `mkdir -p '${disk}'; mount -t tmpfs -o size=${size} none '${disk}'; ${run}`,
          ],
          { stdio: ['ignore', 'ignore', 'pipe'] },
        )
  t.after(() => child.kill('SIGKILL'))
  const log: string[] = []
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      log.push(line)
      if (line.includes(READY)) resolve()
    })
    child.once('exit', (code) => reject(new Error(`weir ended with ${code}:\n${log.join('\n')}`)))
  })
  const end = async (signal: NodeJS.Signals) => {
    const exited = once(child, 'exit')
    child.kill(signal)
    const [code] = (await exited) as [number | null]
    return code
  }
  return {
    process: child,
    log,
    rssMiB: () => {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
      return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024)
    },
    inside: (path) => `/proc/${child.pid}/root${path}`,
    reload: async (changed) => {
      const before = log.length
      writeFileSync(file, configuration(changed))
      child.kill('SIGHUP')
      while (!log.slice(before).some((line) => line.includes(RELOADED))) {
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
    },
    stop: () => end('SIGTERM'),
    kill: async () => void (await end('SIGKILL')),
  }
}
