import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import https from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Agent } from '../truth/agent.ts'
import { startNginx } from '../truth/nginx.ts'
import { makeCertificate } from '../truth/programs.ts'
import { PROGRAMS, type Service, startService, watch, watchOnly } from './services.ts'

const WEIR = fileURLToPath(new URL('../../../bin/weir', import.meta.url))
const BOUND_MS = 30_000

/** `weir top`, and what it has printed so far. */
interface Top {
  readonly child: ChildProcess
  readonly text: string
  /** Resolves when something that was printed since the last key looks so. */
  shows(what: RegExp): Promise<void>
  type(keys: string): void
}

function follow(child: ChildProcess): Top {
  let text = ''
  let since = 0
  const look = new EventTarget()
  const add = (data: Buffer) => {
    text += data.toString()
    look.dispatchEvent(new Event('text'))
  }
  child.stdout?.on('data', add)
  child.stderr?.on('data', add)
  return {
    child,
    get text() {
      return text
    },
    shows: async (what) => {
      const signal = AbortSignal.timeout(BOUND_MS)
      while (!what.test(text.slice(since))) {
        await once(look, 'text', { signal }).catch(() => assert.match(text.slice(since), what))
      }
    },
    type: (keys) => {
      since = text.length
      child.stdin?.write(keys)
    },
  }
}

describe('weir top', () => {
  let folder: string
  let socket: string
  let service: Service
  let agent: Agent | undefined
  const tops: Top[] = []

  const keep = (top: Top): Top => {
    tops.push(top)
    return top
  }
  const inPipe = (...args: string[]): Top =>
    keep(follow(spawn(WEIR, ['top', '--socket', socket, ...args], { stdio: 'pipe' })))
  /** A terminal of this size, made by script(1). */
  const inTerminal = (columns: number, rows: number): Top => {
    const command = `stty cols ${columns} rows ${rows} && exec ${WEIR} top --socket ${socket}`
    const env = { ...process.env, TERM: 'xterm' }
    return keep(follow(spawn('script', ['-qefc', command, '/dev/null'], { stdio: 'pipe', env })))
  }

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'weir-top-'))
    socket = join(folder, 'weir.sock')
    service = await startService(['python3', join(PROGRAMS, 'plain.py')])
  })
  after(async () => {
    for (const { child } of tops) child.kill('SIGKILL')
    await service.stop()
    await agent?.stop()
    rmSync(folder, { recursive: true })
  })

  test('waits for an agent, shows its services, and the routes and peers of one', async () => {
    const plain = inPipe('--by=route')
    const screen = inTerminal(100, 20)
    await Promise.all([plain.shows(/No agent runs/), screen.shows(/No agent runs/)])
    agent = await watchOnly(service.pid, 'shown', socket)
    await Promise.all([plain.shows(/Listening/), screen.shows(/Listening/)])
    // The pages are of the last ten seconds, however slow this machine is.
    const traffic = setInterval(() => void service.get('/items/2').catch(() => undefined), 300)

    await plain.shows(/^shown server GET \/items\/\* +\d+\.\d +0\.0 +\d+\.\d\d +\d+\.\d\d$/m)
    await screen.shows(/shown server +\d+\.\d/)
    screen.type('\r')
    await screen.shows(/shown server GET \/items\/\* +\d+\.\d/)
    screen.type('\r')
    await screen.shows(/shown server GET \/items\/\* 127\.0\.0\.1 +\d+\.\d/)

    clearInterval(traffic)
    await agent.stop()
    await Promise.all([plain.shows(/No agent runs.*No agent runs/s), screen.shows(/No agent runs/)])
    for (const [top, end] of [
      [plain, () => plain.child.kill('SIGINT')],
      [screen, () => screen.type('\x03')],
    ] as const) {
      const ended = once(top.child, 'exit')
      end()
      assert.deepEqual(await ended, [0, null])
    }
    assert.ok(screen.text.endsWith('\x1b[?1049l'), 'the terminal is given back')
    assert.ok(!plain.text.includes('\x1b'), 'a file gets no control sequences')
  })

  test('has a line for TLS that nobody reads', async (t) => {
    const certificate = await makeCertificate(folder)
    const sealed = await startNginx(folder, certificate)
    const kept = new https.Agent({ keepAlive: true, ca: readFileSync(certificate.cert) })
    const ask = () =>
      https
        .get(`${sealed.base}/r/sealed`, { agent: kept }, (response) => response.resume())
        .on('error', () => undefined)
    const entry = { cmd_args: `*${folder}/nginx-*`, name: 'sealed' }
    agent = await watch(entry, socket, { sources: ['tcp'] })
    const traffic = setInterval(ask, 200)
    t.after(async () => {
      clearInterval(traffic)
      kept.destroy()
      await agent?.stop()
      await sealed.stop()
    })
    const plain = inPipe()
    await plain.shows(/^TLS, not readable \(weir explain says why\): sealed \d+\.\d kB\/s$/m)
  })

  test('says that the terminal is too small', async () => {
    const top = inTerminal(20, 3)
    await top.shows(/Too small: 20x3/)
    const ended = once(top.child, 'exit')
    top.type('q')
    assert.deepEqual(await ended, [0, null])
  })

  test('refuses an order that it does not know', async () => {
    const top = inPipe('--sort=cost')
    assert.deepEqual(await once(top.child, 'exit'), [2, null])
    await top.shows(
      /--sort: unknown value "cost"\n.*rate, errors, p50, p99, coverage, lost, cpu, probes, name/,
    )
  })
})
