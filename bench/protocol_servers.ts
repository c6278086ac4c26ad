import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { startPostgres } from '../test/protocols/postgres_server.ts'
import { goLoad, java, start } from '../test/protocols/started.ts'
import { run } from '../test/protocols/watch.ts'
import type { Target } from './agents.ts'
import { type HeldLoad, holdLoad, type Load, UNIT_MS } from './measure.ts'
import { HTTP2_PORT, NGINX, startNginx } from './nginx_server.ts'

/** A server, and a load on it. */
export interface Loaded {
  readonly target: Target
  /** The server's, and its children's. */
  readonly pid: number
  /** For so long, or as many operations as take so long at a `rate` in operations per second. */
  hold(seconds: number, rate: number): HeldLoad
  stop(): Promise<void>
}

export interface LoadKind {
  readonly name: string
  /** `folder` is one in memory. */
  start(folder: string): Promise<Loaded>
}

const POSTGRES_PORT = 18432
const REDIS_PORT = 18379
const GRPC_PORT = 18051
const KAFKA_PORT = 18092
const CONNECTIONS = 16
/** Where the rate is not known yet. */
const FIRST_OPERATIONS = 2000

const numbers = (text: string, pattern: RegExp): number[] => {
  const match = pattern.exec(text)
  if (match === null) throw new Error(`a load printed no result:\n${text}`)
  return match.slice(1).map(Number)
}

function readPgbench(text: string): Load {
  const [requests = 0] = numbers(text, /actually processed: (\d+)/)
  const [perSecond = 1] = numbers(text, /tps = ([\d.]+) /)
  const [latency = 0] = numbers(text, /latency average = ([\d.]+) ms/)
  return { requests, seconds: requests / perSecond, p99Ms: latency }
}

const pgbench: LoadKind = {
  name: 'pgbench -S',
  start: async () => {
    const port = String(POSTGRES_PORT)
    const server = await startPostgres(port)
    const address = ['-h', '127.0.0.1', '-p', port, '-U', 'postgres', 'postgres']
    await run(server.bin('pgbench'), ['-i', '-q', ...address])
    const command = [server.bin('pgbench'), '-n', '-S', '-c', String(CONNECTIONS)]
    return {
      target: { exe: '*/postgres', ports: [POSTGRES_PORT] },
      pid: server.pid,
      hold: (seconds) => holdLoad([...command, '-T', String(seconds), ...address], readPgbench),
      stop: () => server.stop(),
    }
  },
}

const redisBenchmark = (pipelined: number): LoadKind => ({
  name: `redis -P ${pipelined}`,
  start: async (folder) => {
    const port = String(REDIS_PORT)
    const options = ['--port', port, '--save', '', '--dir', folder]
    const server = await start('redis-server', options, 'Ready to accept connections')
    const load = ['-p', port, '-c', String(CONNECTIONS), '-P', String(pipelined), '-t', 'get']
    return {
      // Debian's redis-server is a link to this.
      target: { exe: '*/redis-check-rdb', ports: [REDIS_PORT] },
      pid: server.process.pid ?? 0,
      hold: (seconds, rate) => {
        const requests = Math.round(rate * seconds) || FIRST_OPERATIONS
        const command = ['redis-benchmark', ...load, '-n', String(requests), '--csv']
        return holdLoad(command, (text) => {
          // "test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max_latency_ms"
          const [, perSecond = 1, , , , , p99Ms = 0] = (/^"GET",.*$/m.exec(text)?.[0] ?? '')
            .split(',')
            .map((cell) => Number(cell.replaceAll('"', '')))
          return { requests, seconds: requests / perSecond, p99Ms }
        })
      },
      stop: () => server.stop(),
    }
  },
})

function readH2load(text: string): Load {
  const [seconds = 1] = numbers(text, /finished in ([\d.]+)s/)
  const [requests = 0] = numbers(text, /(\d+) succeeded/)
  const [, slowest = '0', unit = 'ms'] =
    /^time for request: +\S+ +([\d.]+)(us|ms|s)/m.exec(text) ?? []
  return { requests, seconds, p99Ms: Number(slowest) * (UNIT_MS[unit] ?? 1) }
}

const h2load: LoadKind = {
  name: 'h2load',
  start: async (folder) => {
    const server = await startNginx(folder)
    const url = `http://127.0.0.1:${HTTP2_PORT}/`
    return {
      target: NGINX,
      pid: server.pid,
      hold: (seconds) =>
        holdLoad(['h2load', '-D', String(seconds), '-c', '4', '-m', '10', url], readH2load),
      stop: () => server.stop(),
    }
  },
}

const grpc: LoadKind = {
  name: 'gRPC',
  start: async () => {
    const program = await goLoad()
    const port = String(GRPC_PORT)
    const server = await start(program, ['serve', port], 'ready')
    return {
      target: { exe: program, ports: [GRPC_PORT] },
      pid: server.process.pid ?? 0,
      hold: (seconds) =>
        holdLoad([program, 'load', port, '4', '4', String(seconds)], (text) => {
          const pattern = /(\d+) calls in ([\d.]+) s, p99 ([\d.]+) ms/
          const [requests = 0, took = 1, p99Ms = 0] = numbers(text, pattern)
          return { requests, seconds: took, p99Ms }
        }),
      stop: () => server.stop(),
    }
  },
}

function readKafka(text: string): Load {
  const pattern = /(\d+) records sent, ([\d.]+) records\/sec .*, ([\d.]+) ms 99th/g
  const last = [...text.matchAll(pattern)].at(-1)?.[0] ?? ''
  const [requests = 0, perSecond = 1, p99Ms = 0] = numbers(last, new RegExp(pattern.source))
  return { requests, seconds: requests / perSecond, p99Ms }
}

const kafka: LoadKind = {
  name: 'kafka producer',
  start: async (folder) => {
    const port = String(KAFKA_PORT)
    const data = join(folder, 'kafka')
    mkdirSync(data, { recursive: true })
    const [command, options] = await java('KafkaBroker', '512m')
    const own = [data, port, String(KAFKA_PORT + 1), 'load']
    const server = await start(command, [...options, ...own], 'ready')
    const [producer, args] = await java('org.apache.kafka.tools.ProducerPerformance', '256m')
    const properties = [`bootstrap.servers=127.0.0.1:${port}`, 'linger.ms=0']
    const load = ['--topic', 'load', '--record-size', '100', '--throughput', '-1']
    return {
      target: { exe: '*/java', ports: [KAFKA_PORT] },
      pid: server.process.pid ?? 0,
      hold: (seconds, rate) => {
        const records = ['--num-records', String(Math.round(rate * seconds) || FIRST_OPERATIONS)]
        const all = [...args, ...load, ...records, '--producer-props', ...properties]
        return holdLoad([producer, ...all], readKafka)
      },
      stop: () => server.stop('SIGKILL'),
    }
  },
}

/** What is measured, each with a server of its own. */
export const LOADS: readonly LoadKind[] = [
  pgbench,
  redisBenchmark(1),
  redisBenchmark(16),
  h2load,
  grpc,
  kafka,
]
