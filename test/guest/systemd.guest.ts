import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { PROGRAMS, type Service, startService } from '../discovery/services.ts'
import { pathOf } from '../truth/compare.ts'
import { type Sink, startSink } from '../truth/sink.ts'

const WEIR = fileURLToPath(new URL('../../../bin/weir', import.meta.url))
const UNIT = '/etc/systemd/system/weir.service'
/** An emulated machine that others load, too, takes minutes to start. */
const PATIENCE = '[Service]\nTimeoutStartSec=10min\nWatchdogSec=90s\n'
/** Emulated: a hung agent is killed after WatchdogSec and the time to abort, and its successor takes a minute to start. */
const BOUND_MS = 360_000

const run = (program: string, ...args: string[]): string =>
  execFileSync(program, args, { encoding: 'utf8', maxBuffer: 64 << 20 })
const property = (name: string) => run('systemctl', 'show', '--value', '-p', name, 'weir').trim()
const journal = () => run('journalctl', '-u', 'weir', '-o', 'cat', '--no-pager')
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

async function until(what: string, holds: () => boolean): Promise<void> {
  const end = Date.now() + BOUND_MS
  while (!holds()) {
    if (Date.now() > end)
      assert.fail(`${what}: ${property('StatusText')}\n${journal().slice(-4000)}`)
    await pause(500)
  }
}

describe('weir as a service of systemd', () => {
  let sink: Sink
  let service: Service

  /** Asks until a span of this path came: the first ones may come before the process is known. */
  const seen = async (path: string) => {
    await until(`a span of ${path}`, () => {
      void service.get(path).catch(() => undefined)
      return sink.spans.some((span) => pathOf(span) === path && span.kind === 'server')
    })
  }
  const restartsAfter = async (signal: string) => {
    const before = Number(property('NRestarts'))
    run('systemctl', 'kill', '--kill-whom=main', `--signal=${signal}`, 'weir')
    const again = () => Number(property('NRestarts')) > before
    await until(
      `a new start after ${signal}`,
      () => again() && property('ActiveState') === 'active',
    )
  }

  before(async () => {
    assert.ok(existsSync('/run/systemd/system'), 'systemd runs here')
    sink = await startSink()
    service = await startService(['python3', join(PROGRAMS, 'plain.py')])
    writeFileSync(UNIT, run(WEIR, 'doctor', '--systemd'))
    mkdirSync(`${UNIT}.d`)
    writeFileSync(`${UNIT}.d/patience.conf`, PATIENCE)
    mkdirSync('/etc/weir', { recursive: true })
    writeFileSync(
      '/etc/weir/weir.env',
      [
        `OTEL_EXPORTER_OTLP_ENDPOINT=${sink.endpoint}`,
        'OTEL_EXPORTER_OTLP_PROTOCOL=http/json', // which is what the sink reads
        'OTEL_EXPORTER_OTLP_COMPRESSION=none',
        `OTEL_EBPF_OPEN_PORT=${service.port}`,
        'OTEL_SERVICE_NAME=shop\n',
      ].join('\n'),
    )
    run('systemctl', 'daemon-reload')
  })
  after(async () => {
    await service.stop()
    await sink.close()
  })

  test('starts with the fewest capabilities, and says when it is ready', async (t) => {
    run('systemctl', 'start', 'weir')
    assert.equal(property('StatusText'), 'Running.')
    await seen('/started')
    assert.ok(sink.spans.every((span) => span.service === 'shop'))
    assert.match(journal(), /Everything is ready/)
    assert.doesNotMatch(journal(), /Permission denied|not permitted/)
    t.diagnostic(run('systemd-analyze', 'security', 'weir').trim().split('\n').at(-1) ?? '')
    t.diagnostic(property('AmbientCapabilities'))
  })

  test('reloads', async () => {
    run('systemctl', 'reload', 'weir')
    await until('the reload', () => journal().includes('The configuration is unchanged.'))
    await seen('/reloaded')
    assert.equal(property('NRestarts'), '0')
  })

  test('is started again after a crash', async () => {
    await restartsAfter('SEGV')
    await seen('/crashed')
  })

  test('is started again when it hangs', async () => {
    await restartsAfter('STOP')
    assert.match(run('journalctl', '-u', 'weir', '--no-pager'), /watchdog/i)
    await seen('/hung')
  })

  test('is upgraded under load: no request fails, spans come before and after', async () => {
    let failed = 0
    let on = true
    const load = (async () => {
      while (on) await service.get('/load').catch(() => failed++)
    })()
    try {
      await promisify(execFile)('systemctl', ['restart', 'weir'])
      await seen('/upgraded')
    } finally {
      on = false // else it goes on for ever, and the guest with it
    }
    await load
    assert.equal(failed, 0)
  })

  test('stops, and leaves nothing attached', () => {
    run('systemctl', 'stop', 'weir')
    assert.equal(property('Result'), 'success')
    assert.match(journal(), /Shutdown complete/)
    assert.doesNotMatch(run('bpftool', 'prog'), /node|weir/)
  })
})
