import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { lastAccount } from '../faults/account.ts'
import { withNginx } from '../faults/load.ts'
import { full, idleSeconds } from '../size.ts'
import { freePort } from '../support/ports.ts'
import { agentConfig, startAgent } from '../truth/agent.ts'
import { clients } from '../truth/clients.ts'
import { compare, pathOf } from '../truth/compare.ts'
import { makeRequests, type Truth } from '../truth/programs.ts'
import { startSink } from '../truth/sink.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const QUIET_MS = 20_000
const REQUESTS = 400
/** Of each client while the clock is stepped: some seconds before and after. */
const LONG = full ? 3000 : 1000

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Moves this machine's wall clock; returns what it said before and after. */
function stepClock(seconds: number): { readonly before: number; readonly after: number } {
  const before = Date.now()
  execFileSync('date', ['-s', `@${(before / 1000 + seconds).toFixed(3)}`], { stdio: 'ignore' })
  return { before, after: Date.now() }
}

/** What the wall times of a span may be off. */
const CLOCK_MS = 1

interface Step extends ReturnType<typeof stepClock> {
  /** Paths whose spans had come: records that are drained after a step, of requests before it, have the new clock's times. */
  readonly arrived: ReadonlySet<string>
}

/** Requests that lie wholly between steps of the clock, as the client's own times tell, and were told of in time. */
function undisturbed(asked: readonly Truth[], steps: readonly Step[]) {
  const [one, two] = steps
  assert.ok(one && two)
  const times = [
    { from: 0, to: one.before, told: one.arrived },
    { from: one.after, to: two.before, told: two.arrived },
    { from: two.after, to: one.after, told: undefined },
  ]
  return times.map(({ from, to, told }) => {
    const within = (at: number) => at >= from && at <= to
    const isTold = (path: string) => told === undefined || told.has(path)
    return asked.filter(({ path, start, end }) => within(start) && within(end) && isTold(path))
  })
}

test('the clock is stepped while traffic runs: wall times are right after it', async (t) => {
  const sink = await startSink()
  t.after(() => sink.close())
  await withNginx(async ({ base }) => {
    const agent = await startAgent({ endpoint: sink.endpoint })
    const steps: Step[] = []
    const step = (seconds: number) => {
      const arrived = new Set(sink.spans.filter(({ kind }) => kind === 'client').map(pathOf))
      steps.push({ ...stepClock(seconds), arrived })
    }
    // One client for each time between steps, which are far apart: no two times say the same.
    const asked: Truth[] = []
    const play = async (prefix: string) => {
      const requests = makeRequests(prefix, LONG)
      asked.push(...(await clients.python({ base, requests, connections: 1, keepAlive: true }, '')))
    }
    const quarter = (prefix: string) =>
      sink.settled(
        (spans) => spans.filter((span) => pathOf(span).startsWith(prefix)).length > LONG / 2,
        QUIET_MS,
      )
    const first = play('/r/first-')
    await quarter('/r/first-')
    step(7200)
    await first
    const second = play('/r/second-')
    await quarter('/r/second-')
    step(-3600)
    await second
    const spans = () => sink.spans.filter((span) => span.kind === 'client' && pathOf(span) !== '')
    await sink.settled(() => spans().length >= asked.length, QUIET_MS)
    assert.equal(await agent.stop(), 0)
    const byPath = new Map(spans().map((span) => [pathOf(span), span]))
    const all = undisturbed(asked, steps)
    for (const [index, truths] of all.entries()) {
      let worst = 0
      const late: string[] = []
      for (const { path, start, end } of truths) {
        const span = byPath.get(path)
        assert.ok(span, path)
        const [early, after] = [start - span.start, span.end - end]
        worst = Math.max(worst, early, after)
        if (Math.max(early, after) > CLOCK_MS)
          late.push(`${path} begins ${early} ms early, ends ${after} ms late`)
      }
      t.diagnostic(
        `${truths.length} requests, outside of the client's times by ${worst.toFixed(3)} ms`,
      )
      assert.ok(truths.length > 10, `requests in time ${index}`)
      assert.deepEqual(late, [])
    }
  })
})

test('the disk is full: of the log, not of the spans, something is lost', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'weir-full-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder])
  const sink = await startSink()
  t.after(() => sink.close())
  const config = join(folder, 'agent.yaml')
  const log = join(folder, 'log')
  const parsed = JSON.parse(agentConfig({ endpoint: sink.endpoint }))
  parsed.exporters.console = {}
  parsed.service.pipelines.traces.exporters.push('console')
  writeFileSync(config, JSON.stringify(parsed))
  const output = openSync(log, 'a')
  const agent = spawn(join(ROOT, 'bin/weir'), ['run', '--config', config], {
    stdio: ['ignore', output, output],
  })
  closeSync(output)
  while (!readFileSync(log, 'utf8').includes('Everything is ready')) {
    assert.equal(agent.exitCode, null, readFileSync(log, 'utf8'))
    await pause(100)
  }
  assert.throws(() => writeFileSync(join(folder, 'rest'), Buffer.alloc(2 << 20)), /ENOSPC/)
  await withNginx(async ({ base, truth }) => {
    const requests = makeRequests('/r/full-', REQUESTS)
    await clients.curl({ base, requests, connections: 1, keepAlive: true }, '')
    await sink.settled((spans) => spans.length >= 2 * REQUESTS, QUIET_MS)
    const served = (await truth()).filter(({ path }) => path.startsWith('/r/full-'))
    const { differences } = compare(served, sink.spans, { kind: 'server' })
    t.diagnostic(`${served.length} requests served, ${sink.spans.length} spans`)
    assert.deepEqual(differences, [])
  })
  agent.kill('SIGTERM')
  const [code] = await once(agent, 'exit')
  assert.equal(code, 0)
  execFileSync('umount', ['-l', folder])
})

/** As a Collector does it: OTLP by protobuf, twice a second, over a connection that it keeps. */
const COLLECTOR = `
import http.client, sys, time
connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
while True:
    for signal in "traces", "metrics", "logs":
        connection.request("POST", "/v1/" + signal, b"\\n\\x00", {"content-type": "application/x-protobuf"})
        connection.getresponse().read()
    open(sys.argv[2], "a").write(".")
    time.sleep(0.5)
`

test(`an idle machine with a Collector on it exports nothing for ${idleSeconds} s`, async (t) => {
  const sink = await startSink()
  t.after(() => sink.close())
  const folder = await mkdtemp(join(tmpdir(), 'weir-idle-'))
  const count = join(folder, 'count')
  const port = await freePort()
  const backend = spawn('nginx', ['-c', backendConfig(folder, port)], { stdio: 'inherit' })
  await pause(1000)
  const collector = spawn('python3', ['-c', COLLECTOR, String(port), count], { stdio: 'inherit' })
  t.after(() => {
    collector.kill()
    backend.kill()
  })
  while (!existsSync(count)) await pause(50)
  const agent = await startAgent({ endpoint: sink.endpoint })
  await pause(idleSeconds * 1000)
  const exported = sink.spans.map((span) => `${span.name} of ${span.service}`)
  assert.equal(await agent.stop(), 0)
  const account = lastAccount(agent)
  t.diagnostic(account.text)
  assert.deepEqual(exported, [])
  assert.ok(account.skipped > idleSeconds, 'the exports were seen')
})

function backendConfig(folder: string, port: number): string {
  const path = join(folder, 'nginx.conf')
  const answer = `server { listen 127.0.0.1:${port}; location / { return 200; } }`
  const files = `pid ${folder}/pid; error_log ${folder}/errors;`
  writeFileSync(path, `daemon off; ${files} events {} http { access_log off; ${answer} }`)
  return path
}
