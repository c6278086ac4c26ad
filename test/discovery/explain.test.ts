import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Explanation, ProcessReport } from '../../receivers/ebpf/explain/report.ts'
import { type Agent, startWeir } from '../truth/agent.ts'
import { pathOf } from '../truth/compare.ts'
import { type Sink, startSink } from '../truth/sink.ts'
import { PROGRAMS, type Service, startService } from './services.ts'

const WEIR = fileURLToPath(new URL('../../../bin/weir', import.meta.url))
const WAIT_MS = 20_000

describe('weir explain', () => {
  let folder: string
  let socket: string
  let config: string
  let sink: Sink
  let agent: Agent | undefined
  const services: Service[] = []

  const explain = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(WEIR, ['explain', '--socket', socket, ...args], {
      encoding: 'utf8',
    })
    return { status, stdout, stderr }
  }
  const reportsOf = (...args: string[]): Explanation => {
    const { status, stdout, stderr } = explain('--json', ...args)
    assert.equal(status, 0, stderr)
    return JSON.parse(stdout) as Explanation
  }
  /** Until the agent knows of a connection that gave spans, and of one that gave none, that they have ended. */
  const closed = async (pid: number | undefined) => {
    const end = Date.now() + WAIT_MS
    const ended = () => reportsOf(String(pid)).processes[0]?.traffic?.ended
    for (let found = ended(); Date.now() < end; found = ended()) {
      if (found && found.bytesInSpans > 0 && found.bytes > found.bytesInSpans) return
      await setTimeout(50)
    }
  }
  const start = async (...command: string[]) => {
    const service = await startService(command, { OTEL_SERVICE_NAME: 'explained' })
    services.push(service)
    return service
  }

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'weir-explain-'))
    cpSync(PROGRAMS, folder, { recursive: true })
    socket = join(folder, 'weir.sock')
    sink = await startSink()
    config = JSON.stringify({
      receivers: {
        ebpf: {
          socket: { path: socket },
          routes: { ignored_patterns: ['/health'] },
          discovery: { instrument: [{ cmd_args: `*${folder}/plain.py*` }] },
        },
      },
      exporters: { otlp_http: { endpoint: sink.endpoint, encoding: 'json', compression: 'none' } },
      service: {
        pipelines: { traces: { receivers: ['ebpf'], exporters: ['otlp_http'] } },
        telemetry: { metrics: { level: 'none' } },
      },
    })
    await start('python3', join(folder, 'plain.py'))
    await start(process.execPath, join(folder, 'gateway.mjs'))
  })
  after(async () => {
    for (const service of services) await service.stop()
    await agent?.stop()
    await sink.close()
    rmSync(folder, { recursive: true })
  })

  test('without an agent: what a configuration would select', () => {
    const [plain, gateway] = services
    const found = reportsOf('--config', `yaml:${config}`, 'explained')
    assert.equal(found.agent, undefined)
    const selected = found.processes.map(({ pid, selected }) => [pid, selected])
    const want = [
      [plain?.pid, true],
      [gateway?.pid, false],
    ]
    assert.deepEqual(selected.sort(), want.sort())
  })

  test('with an agent: what was seen of a process, by id and by port', async () => {
    agent = await startWeir(config)
    const [plain] = services
    await plain?.get('/health')
    await plain?.get('/seen/1')
    await sink.settled((spans) => spans.some((span) => pathOf(span) === '/seen/1'), WAIT_MS)
    await closed(plain?.pid)
    for (const word of [String(plain?.pid), `:${plain?.port}`]) {
      const found = reportsOf(word)
      assert.match(found.agent?.books ?? '', /^seen \d+ \/ exported \d+/)
      const [report] = found.processes as [ProcessReport]
      assert.equal(found.processes.length, 1)
      assert.deepEqual(
        [report.pid, report.rule, report.service.name, report.runtime.language, report.ports],
        [plain?.pid, 'instrument[0]', 'explained', 'python', [plain?.port]],
      )
      assert.equal(report.traffic?.spans, 1)
      assert.equal(report.traffic.routes, 1)
      const ignored = { name: 'route_ignored', number: 120, kind: 'skipped', times: 1 }
      assert.deepEqual(report.traffic.reasons, [ignored])
      // One connection gave a span, the other, of about as many bytes, gave none.
      const { coverage = 0 } = report.traffic
      assert.ok(coverage > 0.4 && coverage < 0.6, `${coverage} of the bytes`)
    }
  })

  test('in words, and why another one is not watched', () => {
    const [plain, gateway] = services
    const seen = explain(String(plain?.pid)).stdout
    assert.match(seen, /watched +yes: instrument\[0\]\n/)
    assert.match(seen, /name +explained \(OTEL_SERVICE_NAME of the process\)\n/)
    assert.match(seen, /spans +1, names 1\n/)
    assert.match(seen, /skipped +1 times route_ignored \(reason 120\)\n/)
    assert.match(
      seen,
      /coverage +\d\d % of all bytes that it has moved since weir knows it are in spans: \d+ of \d+\n/,
    )
    const other = explain(String(gateway?.pid)).stdout
    assert.match(other, /watched +no: no entry of instrument matches \(reason 105/)
    assert.match(explain().stdout, /^PID +SERVICE/m)
  })

  test('a name that nothing has', () => {
    const { status, stderr } = explain('no-such-service')
    assert.equal(status, 1)
    assert.equal(stderr, 'No process runs that "no-such-service" would name.\n')
  })

  test('a second agent is told who has the host, before anything else that both want', () => {
    const { service, ...parts } = JSON.parse(config)
    const taken = JSON.stringify({ ...parts, service: { pipelines: service.pipelines } })
    const { status, stderr } = spawnSync(WEIR, ['run', '--config', `yaml:${taken}`], {
      encoding: 'utf8',
    })
    assert.equal(status, 1)
    const [error, hint] = stderr.split('\n').slice(-3)
    const pid = agent?.process.pid
    assert.equal(error, `Error: lock /run/weir/ebpf.lock: held by process ${pid}`)
    assert.match(
      hint ?? '',
      new RegExp(`^ {2}hint: one ebpf receiver per host: stop process ${pid}`),
    )
  })

  test('root alone may ask', () => {
    assert.equal(statSync(socket).mode & 0o777, 0o600)
  })
})
