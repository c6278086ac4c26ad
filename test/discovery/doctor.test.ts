import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Check } from '../../cli/doctor/check.ts'
import { startSink } from '../truth/sink.ts'

const WEIR = fileURLToPath(new URL('../../../bin/weir', import.meta.url))

interface Report {
  readonly state: string
  readonly checks: readonly Check[]
  readonly capabilities: readonly string[]
}

async function doctor(args: readonly string[], launcher: readonly string[] = []) {
  const [program = '', ...rest] = [...launcher, WEIR, 'doctor', '--json', ...args]
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'inherit'] })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  const [code] = (await once(child, 'close')) as [number]
  const report = JSON.parse(Buffer.concat(chunks).toString()) as Report
  const found = (name: string) => report.checks.find((check) => check.name.startsWith(name))
  return { code, report, found }
}

const exporterTo = (endpoint: string) =>
  `yaml:${JSON.stringify({
    receivers: { ebpf: {} },
    exporters: { otlp_http: { endpoint } },
    service: { pipelines: { traces: { receivers: ['ebpf'], exporters: ['otlp_http'] } } },
  })}`

describe('weir doctor', () => {
  test('finds what this machine gives, by loading and attaching it', async () => {
    const sink = await startSink()
    const { code, report, found } = await doctor(['--config', exporterTo(sink.endpoint)])
    await sink.close()
    const bad = report.checks.filter(({ state }) => state === 'failed')
    assert.deepEqual(bad, [])
    assert.equal(code, report.state === 'ok' ? 0 : 3)
    assert.match(found('exec records')?.detail ?? '', /^process \d+ was seen to start$/)
    assert.equal(found('exporter otlp_http: connect')?.detail, 'accepted')
    const taken = report.checks.filter(({ detail }) => detail === 'works, and is taken')
    assert.equal(taken.length, 1)
  })

  test('says which capability is missing, and exits with 1', async () => {
    const { code, found } = await doctor([], ['setpriv', '--bounding-set=-bpf,-sys_admin'])
    assert.equal(code, 1)
    assert.equal(found('capabilities')?.detail, 'this process lacks CAP_BPF')
    assert.equal(found('BPF')?.state, 'failed')
  })

  test('prints a unit with capabilities that it found to be enough, and systemd understands it', () => {
    const { stdout, status } = spawnSync(WEIR, ['doctor', '--systemd'], { encoding: 'utf8' })
    assert.equal(status, 0)
    assert.match(stdout, new RegExp(`^ExecStart=${WEIR} run \\$WEIR_OPTIONS$`, 'm'))
    assert.match(stdout, /^AmbientCapabilities=CAP_BPF CAP_PERFMON CAP_SYS_PTRACE /m)
    const mixed = spawnSync(WEIR, ['doctor', '--systemd', '--json'], { encoding: 'utf8' })
    assert.match(mixed.stderr, /--systemd and --json do not go together/)
    const folder = mkdtempSync(join(tmpdir(), 'weir-unit-'))
    writeFileSync(join(folder, 'weir.service'), stdout)
    const verify = ['verify', join(folder, 'weir.service')]
    const { stderr } = spawnSync('systemd-analyze', verify, { encoding: 'utf8' })
    rmSync(folder, { recursive: true })
    // It also reads what this machine has installed, which is no matter of ours.
    assert.deepEqual(
      stderr.split('\n').filter((line) => line.includes('weir')),
      [],
    )
  })

  test('goes to an endpoint as far as it leads', async () => {
    const sink = await startSink()
    await sink.close()
    const { code, found } = await doctor(['--config', exporterTo(sink.endpoint)])
    assert.equal(code, 1)
    assert.equal(found('exporter otlp_http: name')?.state, 'ok')
    assert.match(found('exporter otlp_http: connect')?.detail ?? '', /ECONNREFUSED/)
  })
})
