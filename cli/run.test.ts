import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { freePort } from '../test/support/ports.ts'

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url))
const EXAMPLES = fileURLToPath(new URL('../../config/examples/', import.meta.url))
const READY = 'Everything is ready. Begin running and processing data.'
const children: ChildProcess[] = []
const directory = mkdtempSync(join(tmpdir(), 'weir-run-'))
after(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(directory, { recursive: true })
})

/** Needs no root: OTLP in on a free port, and out as lines of the log. */
const configuration = (verbosity: string) => `
receivers: {otlp: {protocols: {http: {endpoint: 'localhost:0'}}}}
exporters: {debug: {verbosity: ${verbosity}}}
service:
  pipelines: {traces: {receivers: [otlp], exporters: [debug]}}
  telemetry: {metrics: {level: none}}
`

/** A running weir whose log can be waited for. */
class Weir {
  readonly lines: string[] = []
  readonly process: ChildProcess
  readonly #exit: Promise<unknown[]>
  #wake: () => void = () => undefined

  constructor(...argv: string[]) {
    this.process = spawn(process.execPath, [MAIN, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] })
    children.push(this.process)
    this.#exit = once(this.process, 'exit')
    assert.ok(this.process.stderr)
    createInterface(this.process.stderr).on('line', (line) => {
      this.lines.push(line)
      this.#wake()
    })
  }

  /** Resolves once `count` lines contain the text; the time limit of the test ends a wait in vain. */
  async says(text: string, count = 1): Promise<void> {
    while (this.lines.filter((line) => line.includes(text)).length < count) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** The exit code, or the signal. */
  async exit(): Promise<unknown> {
    const [code, signal] = await this.#exit
    return code ?? signal
  }
}

const TIMEOUT = { timeout: 30_000 }

describe('weir run', () => {
  const file = join(directory, 'a.yaml')

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    test(`${signal} drains and exits with 0`, TIMEOUT, async () => {
      writeFileSync(file, configuration('basic'))
      const weir = new Weir('--config', file)
      await weir.says(READY)
      weir.process.kill(signal)
      assert.equal(await weir.exit(), 0)
      assert.match(weir.lines.at(-1) ?? '', /Shutdown complete\./)
    })
  }

  test('a second signal ends at once what a silent backend holds up', TIMEOUT, async (t) => {
    const silent = createServer((socket) => socket.on('error', () => undefined))
    silent.listen(0, '127.0.0.1')
    t.after(() => silent.close())
    await once(silent, 'listening')
    const { port } = silent.address() as AddressInfo
    const receiver = await freePort()
    writeFileSync(
      file,
      configuration('basic')
        .replace('localhost:0', `localhost:${receiver}`)
        .replace(/exporters: .*/, `exporters: {otlp_http: {endpoint: 'http://127.0.0.1:${port}'}}`)
        .replace('[debug]', '[otlp_http]'),
    )
    const weir = new Weir('--config', file)
    await weir.says(READY)
    const [[socket]] = (await Promise.all([
      once(silent, 'connection'),
      fetch(`http://127.0.0.1:${receiver}/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"held"}]}]}]}',
      }),
    ])) as [[Socket], Response]
    t.after(() => socket.destroy())
    weir.process.kill('SIGTERM')
    await weir.says('Starting shutdown...')
    weir.process.kill('SIGINT')
    assert.equal(await weir.exit(), 130)
  })

  test(
    'SIGHUP takes a new configuration, and keeps the old one if it is bad',
    TIMEOUT,
    async () => {
      writeFileSync(file, configuration('basic'))
      const weir = new Weir('run', '--config', file)
      await weir.says(READY)
      weir.process.kill('SIGHUP')
      await weir.says('The configuration is unchanged.')
      writeFileSync(file, configuration('detailed'))
      weir.process.kill('SIGHUP')
      await weir.says('The new configuration is at work.')
      writeFileSync(file, configuration('loud'))
      weir.process.kill('SIGHUP')
      await weir.says('The new configuration is bad, the old one runs on.')
      assert.match(weir.lines.at(-1) ?? '', /a\.yaml:3:32: exporters::debug::verbosity/)
      weir.process.kill('SIGTERM')
      assert.equal(await weir.exit(), 0)
    },
  )

  test('--watch takes a change without a signal', TIMEOUT, async () => {
    writeFileSync(file, configuration('basic'))
    const weir = new Weir('run', '--watch', '--config', file)
    await weir.says(READY)
    writeFileSync(file, configuration('normal'))
    await weir.says('The new configuration is at work.')
    weir.process.kill('SIGTERM')
    assert.equal(await weir.exit(), 0)
  })

  test('a port that is taken is said, exit 1', TIMEOUT, async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const address = other.address()
    assert.ok(typeof address === 'object' && address !== null)
    const taken = `127.0.0.1:${address.port}`
    writeFileSync(file, configuration('basic').replace('localhost:0', taken))
    const weir = new Weir('run', '--config', file)
    assert.equal(await weir.exit(), 1)
    other.close()
    assert.match(
      weir.lines.join('\n'),
      /Error: cannot start pipelines: failed to start "otlp" receiver: .*EADDRINUSE|address already in use/,
    )
  })

  for (const name of readdirSync(EXAMPLES)) {
    test(`the example ${name} is good`, TIMEOUT, async () => {
      const weir = new Weir('validate', '--config', join(EXAMPLES, name))
      assert.equal(await weir.exit(), 0)
    })
  }
})
