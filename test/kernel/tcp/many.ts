import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Conversation } from '../../../receivers/ebpf/protocols/testing/chunk_play.ts'
import { lastAccount } from '../../faults/account.ts'
import { full } from '../../size.ts'
import { freePort } from '../../support/ports.ts'
import { type Agent, type AgentOptions, agentConfig, startWeir } from '../../truth/agent.ts'
import { type ReceivedSpan, type Sink, startSink } from '../../truth/sink.ts'

const PROGRAM = fileURLToPath(new URL('../../../../test/kernel/tcp/many.py', import.meta.url))
/** Holds what all of them give while others have the CPU. */
export const ROOMY_RINGS = full ? '128MiB' : '16MiB'
const QUIET_MS = 10_000
/** For the agent to let go of all that have closed. */
const GONE_WITHIN_MS = 120_000
const LOOK_EVERY_MS = 200
/** Both ends of each are watched: of 50,000, more than a table holds. */
const TABLE_MAX = 65_536
/** What the spans of all of them may leave behind until memory is collected. */
const SPARE_MIB = 96

export interface Many {
  readonly connections: number
  /** Taken in turn, each of which gives a span for either side; NAME in them is another one for each connection. */
  readonly conversations: readonly Conversation[]
  /** What one end may cost the agent. */
  readonly bytesPerEnd: number
  /** The agent is stopped while they close, so that rings run over. */
  readonly stopped: boolean
  /** Times that they are opened and closed; 1 if not said. */
  readonly rounds?: number
  readonly rings: string
}

/** `VmRSS` or `VmHWM` of a process, in MiB. */
function memoryOf({ pid }: ChildProcess, field: string): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) / 1024
}

const inMiB = (sizes: readonly number[]) => sizes.map((size) => size.toFixed(0)).join(', ')

/** Connections that the agent follows now, as it tells itself. */
async function followed(port: number): Promise<number> {
  const metrics = await (await fetch(`http://localhost:${port}/metrics`)).text()
  return Number(/^weir_receiver_connections\{.*\} (\d+)/m.exec(metrics)?.[1])
}

/** Resolves when the agent follows none any more. */
async function untilNone(port: number): Promise<void> {
  const end = performance.now() + GONE_WITHIN_MS
  for (;;) {
    const left = await followed(port)
    if (left === 0) return
    assert.ok(performance.now() < end, `${left} ends are followed after they have closed`)
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
  }
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
function startMany({ connections, conversations }: Many) {
  const said = conversations.map((conversation) =>
    conversation.map(([side, bytes]) => [side, bytes.toString('latin1' as BufferEncoding)]),
  )
  const child = spawn('python3', [PROGRAM, String(connections), JSON.stringify(said)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface(child.stdout)
  const ended = once(child, 'close').then(([code]) => {
    throw new Error(`many.py ended with ${code}`)
  })
  ended.catch(() => undefined) // of which only who waits for a line is told
  const line = async () => String((await Promise.race([once(lines, 'line'), ended]))[0])
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

/** Opens connections under an agent, and closes them once its spans have come. Says what it saw and what memory it took. */
export async function holdMany(
  t: TestContext,
  many: Many,
): Promise<{
  readonly spans: readonly ReceivedSpan[]
  /** Process id of who made all servers and clients. */
  readonly parent: number | undefined
  readonly account: ReturnType<typeof lastAccount>
  /** MiB of the agent after each round. */
  readonly after: readonly number[]
}> {
  const sink = await startSink()
  const metricsPort = await freePort()
  const program = startMany(many)
  t.after(() => program.child.kill())
  const ports = await program.first()
  const agent = await startFor(sink, ports, metricsPort, { rings: { size: many.rings } })
  t.after(() => {
    agent.process.kill()
    return sink.close()
  })
  const idle = memoryOf(agent.process, 'VmRSS')
  const [open, after]: [number[], number[]] = [[], []]
  let ends = 0
  for (let round = 1; round <= (many.rounds ?? 1); round++) {
    assert.equal(await program.next(), 'open')
    await sink.settled((spans) => spans.length >= 2 * many.connections * round, QUIET_MS)
    open.push(memoryOf(agent.process, 'VmRSS'))
    ends = Math.max(ends, await followed(metricsPort))
    if (many.stopped) agent.process.kill('SIGSTOP')
    assert.equal(await program.next(), 'closed')
    agent.process.kill('SIGCONT')
    await untilNone(metricsPort)
    after.push(memoryOf(agent.process, 'VmRSS'))
  }
  const peak = memoryOf(agent.process, 'VmHWM')
  assert.equal(await agent.stop(), 0)
  const account = lastAccount(agent)
  t.diagnostic(
    `${ends} ends followed; MiB: ${idle.toFixed(0)} before, ${inMiB(open)} open, ${inMiB(after)} after, ${peak.toFixed(0)} at most; ${account.text}`,
  )
  assert.ok(ends <= TABLE_MAX)
  assert.ok(peak < idle + SPARE_MIB + (ends * many.bytesPerEnd) / 2 ** 20)
  return { spans: sink.spans, parent: program.child.pid, account, after }
}
