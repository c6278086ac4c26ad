import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { uptime } from 'node:os'
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
const PATIENCE = '[Service]\nTimeoutStartSec=20min\nWatchdogSec=2min\n'
/** Emulated: a hung agent is killed after WatchdogSec and the time to abort, and its successor takes minutes to start. */
const BOUND_MS = 900_000

const LOOK_EVERY_MS = 1000

const execute = promisify(execFile)
/** Not at once: while a program runs, spans have to come in. */
const run = async (program: string, ...args: string[]): Promise<string> =>
  (await execute(program, args, { maxBuffer: 64 << 20 })).stdout
const property = async (name: string) =>
  (await run('systemctl', 'show', '--value', '-p', name, 'weir')).trim()
const journal = (...more: string[]) => run('journalctl', '-u', 'weir', '--no-pager', ...more)
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Where the test is, and since when the guest is up: minutes may lie between two lines. */
const say = (step: string) => process.stdout.write(`${Math.round(uptime())} s: ${step}\n`)

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  say(`waiting for ${what}`)
  const end = performance.now() + BOUND_MS
  while (!(await holds())) {
    if (performance.now() > end)
      assert.fail(`${what}: ${await property('StatusText')}\n${(await journal()).slice(-4000)}`)
    await pause(LOOK_EVERY_MS)
  }
}

/** Until a line of weir's is in the journal, which may come after what weir tells systemd. */
const untilSaid = (line: string) => until(`"${line}"`, async () => (await journal()).includes(line))

describe('weir as a service of systemd', () => {
  let sink: Sink
  let service: Service

  /** Asks until a span of this path came: the first ones may come before the process is known. */
  const seen = (path: string) =>
    until(`a span of ${path}`, () => {
      void service.get(path).catch(() => undefined)
      return sink.spans.some((span) => pathOf(span) === path && span.kind === 'server')
    })
  const restartsAfter = async (signal: string) => {
    const before = Number(await property('NRestarts'))
    await run('systemctl', 'kill', '--kill-whom=main', `--signal=${signal}`, 'weir')
    await until(`a new start after ${signal}`, async () => {
      const again = Number(await property('NRestarts')) > before
      return again && (await property('ActiveState')) === 'active'
    })
  }

  before(async () => {
    assert.ok(existsSync('/run/systemd/system'), 'systemd runs here')
    sink = await startSink()
    service = await startService(['python3', join(PROGRAMS, 'plain.py')])
    say('the doctor tries what the unit needs')
    writeFileSync(UNIT, await run(WEIR, 'doctor', '--systemd'))
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
    await run('systemctl', 'daemon-reload')
  })
  after(async () => {
    await service.stop()
    await sink.close()
  })

  test('starts with the fewest capabilities, and says when it is ready', async (t) => {
    say('systemctl start')
    await run('systemctl', 'start', 'weir')
    assert.equal(await property('StatusText'), 'Running.')
    await seen('/started')
    assert.ok(sink.spans.every((span) => span.service === 'shop'))
    await untilSaid('Everything is ready')
    assert.doesNotMatch(await journal(), /Permission denied|not permitted/)
    const security = await run('systemd-analyze', 'security', 'weir')
    t.diagnostic(security.trim().split('\n').at(-1) ?? '')
    t.diagnostic(await property('AmbientCapabilities'))
  })

  test('reloads', async () => {
    await run('systemctl', 'reload', 'weir')
    await untilSaid('The configuration is unchanged.')
    await seen('/reloaded')
    assert.equal(await property('NRestarts'), '0')
  })

  test('is started again after a crash', async () => {
    await restartsAfter('SEGV')
    await seen('/crashed')
  })

  test('is started again when it hangs', async () => {
    await restartsAfter('STOP')
    await untilSaid('Watchdog timeout')
    await seen('/hung')
  })

  test('is upgraded under load: no request fails, spans come before and after', async (t) => {
    let [asked, failed, on] = [0, 0, true]
    const load = (async () => {
      for (; on; asked++) await service.get('/load').catch(() => failed++)
    })()
    try {
      await seen('/load')
      say('systemctl restart')
      await run('systemctl', 'restart', 'weir')
      await seen('/upgraded')
    } finally {
      on = false // else it goes on for ever, and the guest with it
    }
    await load
    t.diagnostic(`${asked} requests, ${failed} failed`)
    assert.equal(failed, 0)
  })

  test('stops, and leaves nothing attached', async () => {
    say('systemctl stop')
    await run('systemctl', 'stop', 'weir')
    assert.equal(await property('Result'), 'success')
    await untilSaid('Shutdown complete')
    assert.doesNotMatch(await run('bpftool', 'prog'), /node|weir/)
  })
})
