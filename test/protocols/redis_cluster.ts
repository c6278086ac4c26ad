import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { freePort } from '../support/ports.ts'
import { type Started, start } from './started.ts'
import { run, type Watch } from './watch.ts'

/** Of 16384: each of two servers has half of them. */
const SLOTS = [
  ['0', '8191'],
  ['8192', '16383'],
] as const
/** Of both servers' slots. */
const KEYS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
const COMMANDS = ['GET', 'SET']
/** They ask each other once a second. */
const TRIES = 300

export interface RedisCluster {
  readonly ports: readonly string[]
  stop(): Promise<void>
}

const redisCli = async (port: string, ...args: string[]): Promise<string> =>
  (await run('redis-cli', ['-p', port, ...args])).stdout

async function startServer(folder: string, port: string, busPort: string): Promise<Started> {
  const own = join(folder, port)
  mkdirSync(own)
  const cluster = ['--cluster-enabled', 'yes', '--cluster-port', busPort]
  const options = ['--port', port, '--bind', '127.0.0.1', '--save', '', '--dir', own, ...cluster]
  return start('redis-server', options, 'Ready to accept connections')
}

async function agree(port: string): Promise<void> {
  for (let i = 0; i < TRIES; i++) {
    const [info, nodes] = [
      await redisCli(port, 'CLUSTER', 'INFO'),
      await redisCli(port, 'CLUSTER', 'NODES'),
    ]
    if (info.includes('cluster_state:ok') && nodes.includes('8192-16383')) return
    await setTimeout(100)
  }
  throw new Error(`the server of port ${port} has found no cluster`)
}

/** Two servers that know of each other. */
export async function startRedisCluster(folder: string): Promise<RedisCluster> {
  const servers: Started[] = []
  const ports: string[] = []
  const busPorts: string[] = []
  for (const [first, last] of SLOTS) {
    const [port, busPort] = [String(await freePort()), String(await freePort())]
    servers.push(await startServer(folder, port, busPort))
    await redisCli(port, 'CLUSTER', 'ADDSLOTSRANGE', first, last)
    ports.push(port)
    busPorts.push(busPort)
  }
  const [one = '', other = ''] = ports
  await redisCli(one, 'CLUSTER', 'MEET', '127.0.0.1', other, busPorts[1] ?? '')
  for (const port of ports) await agree(port)
  return {
    ports,
    stop: async () => {
      for (const server of servers) await server.stop()
    },
  }
}

interface Asked {
  readonly all: number
  readonly elsewhere: number
}

/** A server counts what it sends elsewhere as rejected. */
async function askedOf(port: string, command: string): Promise<Asked> {
  const stats = await redisCli(port, 'INFO', 'commandstats')
  const line = new RegExp(`^cmdstat_${command}:calls=(\\d+),.*rejected_calls=(\\d+)`, 'im')
  const [, calls = '0', rejected = '0'] = line.exec(stats) ?? []
  return { all: Number(calls) + Number(rejected), elsewhere: Number(rejected) }
}

function toldOf(watch: Watch, kind: string, port: string, command: string): Asked {
  const spans = watch.spans.filter(
    ({ name, kind: side, attributes }) =>
      name === command && side === kind && String(attributes.get('server.port')) === port,
  )
  const moved = spans.filter(
    ({ attributes }) => attributes.get('db.response.status_code') === 'MOVED',
  )
  assert.ok(spans.every(({ error }) => !error))
  return { all: spans.length, elsewhere: moved.length }
}

/** Plays a client that follows where it is sent, and holds the spans of both sides against the servers' counts. */
export async function compareCluster({ ports }: RedisCluster, watch: Watch): Promise<void> {
  const [port = ''] = ports
  const lines = KEYS.flatMap((key) => [`SET ${key} SECRET`, `GET ${key}`])
  execFileSync('redis-cli', ['-c', '-p', port], { input: `${lines.join('\n')}\n` })
  const rows = ports.flatMap((own) => COMMANDS.map((command) => [own, command] as const))
  const wanted = await Promise.all(rows.map((row) => askedOf(...row)))
  const told = (kind: string) => rows.map((row) => toldOf(watch, kind, ...row))
  const isTold = (kind: string) => JSON.stringify(told(kind)) === JSON.stringify(wanted)
  await watch.settled(() => isTold('server') && isTold('client'))
  for (const kind of ['server', 'client']) assert.deepEqual(told(kind), wanted, kind)
  assert.ok(wanted.some(({ elsewhere }) => elsewhere > 0))
}
