import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after } from 'node:test'
import { fileURLToPath } from 'node:url'
import { freePort } from '../support/ports.ts'

const MAIN = fileURLToPath(new URL('../../cli/main.js', import.meta.url))
const READY = 'Everything is ready. Begin running and processing data.'

export interface Weir {
  readonly process: ChildProcess
  readonly lines: readonly string[]
  readonly otlpPort: number
  /** Puts another configuration in the place of the file, and SIGHUP. */
  reload(document: object): void
  /** SIGTERM; the exit code. */
  stop(): Promise<number | null>
  /** Resolves once a line contains the text; the time limit of the test ends a wait in vain. */
  says(text: string): Promise<string>
}

/** A configuration file in a folder that goes with the process, as JSON is YAML. */
export async function configFor(settings: {
  readonly telemetry: object
  readonly extensions?: object
  readonly endpoint?: string
  readonly exporter?: object
}) {
  const otlpPort = await freePort()
  const { telemetry, extensions = {}, endpoint, exporter = {} } = settings
  return {
    otlpPort,
    document: {
      receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${otlpPort}` } } } },
      processors: { batch: { timeout: '10ms' } },
      exporters: endpoint === undefined ? { nop: {} } : { otlp_http: { endpoint, ...exporter } },
      extensions,
      service: {
        extensions: Object.keys(extensions),
        pipelines: {
          traces: {
            receivers: ['otlp'],
            processors: ['batch'],
            exporters: [endpoint === undefined ? 'nop' : 'otlp_http'],
          },
        },
        telemetry,
      },
    },
  }
}

const children: ChildProcess[] = []
after(() => {
  for (const child of children) child.kill('SIGKILL') // of a test that ran out of time
})

/** Starts weir without waiting for it. */
export function launch(document: object, otlpPort = 0): Weir {
  const folder = mkdtempSync(join(tmpdir(), 'weir-telemetry-'))
  const file = join(folder, 'weir.yaml')
  writeFileSync(file, JSON.stringify(document))
  const child = spawn(process.execPath, [MAIN, 'run', '--config', file], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  children.push(child)
  const lines: string[] = []
  let wake: () => void = () => undefined
  const ended = once(child, 'exit').then(() => {
    wake()
    rmSync(folder, { recursive: true })
  })
  createInterface({ input: child.stderr }).on('line', (line) => {
    lines.push(line)
    wake()
  })
  return {
    process: child,
    lines,
    otlpPort,
    reload(next) {
      writeFileSync(file, JSON.stringify(next))
      child.kill('SIGHUP')
    },
    async stop() {
      child.kill('SIGTERM')
      await ended
      return child.exitCode
    },
    async says(text) {
      for (;;) {
        const found = lines.find((line) => line.includes(text))
        if (found !== undefined) return found
        assert.equal(child.exitCode, null, lines.join('\n'))
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
  }
}

/** Starts weir and waits until it is ready. */
export async function startWeir(settings: Parameters<typeof configFor>[0]): Promise<Weir> {
  const { document, otlpPort } = await configFor(settings)
  const weir = launch(document, otlpPort)
  await weir.says(READY)
  return weir
}

/** Sends so many spans in one request. */
export async function sendSpans(
  { otlpPort }: Weir,
  n: number,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const span = {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    name: 'x',
  }
  return fetch(`http://127.0.0.1:${otlpPort}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: Array(n).fill(span) }] }] }),
  })
}
