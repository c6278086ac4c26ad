import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { notify } from '../../native/notify.ts'

const WEIR = fileURLToPath(new URL('../../../bin/weir', import.meta.url))
const RECEIVER = fileURLToPath(new URL('../../../test/contract/notify.py', import.meta.url))
const BOUND_MS = 30_000
const CONFIG = `yaml:${JSON.stringify({
  receivers: { otlp: { protocols: { http: { endpoint: '127.0.0.1:0' } } } },
  exporters: { nop: null },
  service: {
    pipelines: { traces: { receivers: ['otlp'], exporters: ['nop'] } },
    telemetry: { metrics: { level: 'none' } },
  },
})}`

let folder: string
let socket: string
let receiver: ChildProcess
let weir: ChildProcess | undefined
const told: string[][] = []
const heard = new EventTarget()

/** Resolves with the next message that has this line, of those that nobody has waited for yet. */
async function next(line: string): Promise<readonly string[]> {
  const signal = AbortSignal.timeout(BOUND_MS)
  for (;;) {
    const at = told.findIndex((lines) => lines.includes(line))
    const [found] = at < 0 ? [] : told.splice(0, at + 1).slice(-1)
    if (found !== undefined) return found
    await once(heard, 'message', { signal })
  }
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weir-notify-'))
  socket = join(folder, 'notify')
  receiver = spawn('python3', [RECEIVER, socket], { stdio: ['ignore', 'pipe', 'inherit'] })
  assert.ok(receiver.stdout)
  const lines = createInterface({ input: receiver.stdout })
  await once(lines, 'line')
  lines.on('line', (line) => {
    told.push(String(JSON.parse(line)).split('\n'))
    heard.dispatchEvent(new Event('message'))
  })
})
after(() => {
  receiver.kill()
  weir?.kill('SIGKILL')
  rmSync(folder, { recursive: true })
})

test('weir tells its service manager when it is ready, lives, reloads and stops', async () => {
  const env = { ...process.env, NOTIFY_SOCKET: socket, WATCHDOG_USEC: '300000' }
  weir = spawn(WEIR, ['run', '--config', CONFIG], { stdio: 'ignore', env })
  const ended = once(weir, 'exit')
  assert.deepEqual(await next('READY=1'), ['READY=1', 'STATUS=Running.'])
  await next('WATCHDOG=1')
  await next('WATCHDOG=1')
  weir.kill('SIGHUP')
  const [, monotonic] = await next('RELOADING=1')
  assert.match(monotonic ?? '', /^MONOTONIC_USEC=\d+$/)
  assert.deepEqual(await next('READY=1'), ['READY=1', 'STATUS=Running.'])
  weir.kill('SIGTERM')
  assert.deepEqual(await next('STOPPING=1'), ['STOPPING=1', 'STATUS=Draining.'])
  assert.deepEqual(await ended, [0, null])
})

test('a watchdog that is another process is not fed', async () => {
  const env = { ...process.env, NOTIFY_SOCKET: socket, WATCHDOG_USEC: '3000', WATCHDOG_PID: '1' }
  const other = spawn(WEIR, ['run', '--config', CONFIG], { stdio: 'ignore', env })
  const ended = once(other, 'exit')
  await next('READY=1')
  other.kill('SIGTERM')
  await ended
  await next('STOPPING=1')
  assert.ok(!told.flat().includes('WATCHDOG=1'))
})

test('a socket that is not there, and one with too long a name', () => {
  assert.throws(() => notify(join(folder, 'none'), 'READY=1'), { code: 'ENOENT' })
  assert.throws(() => notify(`/${'x'.repeat(200)}`, 'READY=1'), { code: 'ENAMETOOLONG' })
  assert.throws(() => notify('@weir-nobody-listens', 'READY=1'), { code: 'ECONNREFUSED' })
})
