import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { lastAccount } from '../faults/account.ts'
import { openConnections } from '../size.ts'
import { freePort } from '../support/ports.ts'
import { type Agent, type AgentOptions, agentConfig, startWeir } from '../truth/agent.ts'
import { pathOf } from '../truth/compare.ts'
import { type Sink, startSink } from '../truth/sink.ts'

const PROGRAM = fileURLToPath(new URL('../../../test/kernel/tcp/many.py', import.meta.url))
const PATH = '/r/many-'
const QUIET_MS = 10_000
/** Both ends of each are watched: of 50,000, more than a table holds. */
const TABLE_MAX = 65_536
/** What a connection may cost the agent, and what its spans may leave behind until memory is collected. */
const BYTES_PER_CONNECTION = 2048
const SPARE_MIB = 96
const LIMIT = { timeout: 600_000 }

/** `VmRSS` or `VmHWM` of a process, in MiB. */
function memoryOf({ pid }: ChildProcess, field: string): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) / 1024
}

/** Connections that the agent follows now, as it tells itself. */
async function followed(port: number): Promise<number> {
  const metrics = await (await fetch(`http://localhost:${port}/metrics`)).text()
  return Number(/^weir_receiver_connections\{.*\} (\d+)/m.exec(metrics)?.[1])
}

function startFor(
  sink: Sink,
  servers: string,
  metricsPort: number,
  options: Partial<AgentOptions>,
): Promise<Agent> {
  const instrument = [{ open_ports: servers }]
  const config = JSON.parse(agentConfig({ endpoint: sink.endpoint, instrument, ...options }))
  const prometheus = { host: 'localhost', port: metricsPort }
  config.service.telemetry.metrics = { readers: [{ pull: { exporter: { prometheus } } }] }
  return startWeir(JSON.stringify(config))
}

/** many.py: `next` lets it go on, and resolves with what it then says. */
function startMany(connections: number) {
  const child = spawn('python3', [PROGRAM, String(connections), PATH], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface(child.stdout)
  const line = async () => String((await once(lines, 'line'))[0])
  return {
    child,
    first: line,
    next: () => {
      const answer = line()
      child.stdin.write('\n')
      return answer
    },
  }
}

/**
 * Opens connections under an agent, and closes them once its spans have come: while it is `stopped`, so that rings run over, or
 * not. Says what it saw and what memory it took.
 */
async function hold(
  t: TestContext,
  connections: number,
  { stopped, ...options }: Partial<AgentOptions> & { readonly stopped: boolean },
) {
  const sink = await startSink()
  const metricsPort = await freePort()
  const many = startMany(connections)
  t.after(() => many.child.kill())
  const agent = await startFor(sink, await many.first(), metricsPort, options)
  t.after(() => {
    agent.process.kill()
    return sink.close()
  })
  const idle = memoryOf(agent.process, 'VmRSS')
  assert.equal(await many.next(), 'open')
  const ours = () => sink.spans.filter((span) => pathOf(span).startsWith(PATH))
  await sink.settled(() => ours().length >= 2 * connections, QUIET_MS)
  const open = memoryOf(agent.process, 'VmRSS')
  const openFollowed = await followed(metricsPort)
  if (stopped) agent.process.kill('SIGSTOP')
  assert.equal(await many.next(), 'closed')
  agent.process.kill('SIGCONT')
  while ((await followed(metricsPort)) > 0);
  const peak = memoryOf(agent.process, 'VmHWM')
  assert.equal(await agent.stop(), 0)
  const account = lastAccount(agent)
  t.diagnostic(
    `${openFollowed} ends followed; MiB: ${idle.toFixed(0)} idle, ${open.toFixed(0)} open, ${peak.toFixed(0)} peak; ${account.text}`,
  )
  assert.ok(openFollowed <= TABLE_MAX)
  assert.ok(peak < idle + SPARE_MIB + (openFollowed * BYTES_PER_CONNECTION) / 2 ** 20)
  return { spans: ours(), account }
}

test(`${openConnections} connections open at once: none is left behind`, LIMIT, async (t) => {
  const { spans, account } = await hold(t, openConnections, {
    rings: { size: '16MiB' },
    stopped: false,
  })
  for (const kind of ['server', 'client']) {
    const paths = spans.filter((span) => span.kind === kind).map(pathOf)
    assert.deepEqual([paths.length, new Set(paths).size], [openConnections, openConnections], kind)
  }
  assert.equal(account.lost, 0)
})

test('rings that are full of them: those that ended untold are found gone', LIMIT, async (t) => {
  const { account } = await hold(t, 1000, { rings: { size: '64KiB' }, stopped: true })
  assert.equal(account.seen, account.exported + account.lost + account.skipped)
})
