import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../support/ports.ts'
import { start } from './started.ts'
import { run } from './watch.ts'

const BIN = '/usr/lib/rabbitmq/bin'

export interface Broker {
  readonly port: string
  /** What it has counted of clients of AMQP 0-9-1, by name, over all kinds of queues. */
  counters(): Promise<ReadonlyMap<string, number>>
  stop(): Promise<void>
}

/** What keeps a node of its own apart from any other on this machine. */
async function environment(folder: string, port: string): Promise<NodeJS.ProcessEnv> {
  const [distribution, names] = [String(await freePort()), String(await freePort())]
  writeFileSync(join(folder, 'plugins'), '[].')
  return {
    ...process.env,
    HOME: folder,
    RABBITMQ_BASE: folder,
    RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_LOGS: '-',
    RABBITMQ_CONF_ENV_FILE: join(folder, 'none'),
    RABBITMQ_CONFIG_FILE: join(folder, 'none'),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(folder, 'none'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
    RABBITMQ_NODENAME: `weir${port}@localhost`,
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: port,
    RABBITMQ_DIST_PORT: distribution,
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+S 1:1 +A 4 +sbwt none',
    ERL_CRASH_DUMP_SECONDS: '0',
    ERL_EPMD_PORT: names,
    ERL_EPMD_ADDRESS: '127.0.0.1',
  }
}

/** Starts RabbitMQ, and the daemon of Erlang that knows its name, which else would outlive it. */
export async function startRabbitmq(): Promise<Broker> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-amqp-'))
  mkdirSync(join(folder, 'log'))
  const port = String(await freePort())
  const env = await environment(folder, port)
  const names = spawn('epmd', ['-port', env['ERL_EPMD_PORT'] ?? ''], { env, stdio: 'ignore' })
  const server = await start(join(BIN, 'rabbitmq-server'), [], 'Server startup complete', { env })
  const counted = `maps:to_list(rabbit_global_counters:overview()).`
  return {
    port,
    counters: async () => {
      const args = ['-n', env['RABBITMQ_NODENAME'] ?? '', 'eval', counted]
      const { stdout } = await run(join(BIN, 'rabbitmqctl'), args, { env })
      const counts = new Map<string, number>()
      for (const [, name = '', count] of stdout.matchAll(/(\w+) => (\d+)/g))
        counts.set(name, (counts.get(name) ?? 0) + Number(count))
      return counts
    },
    stop: async () => {
      await server.stop()
      names.kill()
      await once(names, 'exit')
      rmSync(folder, { recursive: true })
    },
  }
}
