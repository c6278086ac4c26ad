import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { ClientSpec } from './client_spec.ts'
import { goBuild, PROGRAMS, parseLines, type Request, type Truth } from './programs.ts'
import { runWrk } from './wrk.ts'

/** Resolves with what the client saw. With `hold`, `release` is called once its connections stand. */
export type RunClient = (
  spec: ClientSpec,
  folder: string,
  release?: () => Promise<void>,
) => Promise<Truth[]>

/** A program that is called as test/truth/programs/README.md says. */
export async function runProgram(
  command: readonly string[],
  spec: ClientSpec,
  release: (() => Promise<void>) | undefined,
): Promise<Truth[]> {
  const [file = '', ...before] = command
  const child = spawn(file, before, { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.write(`${JSON.stringify(spec)}\n`)
  const seen: Truth[] = []
  let released: Promise<void> | undefined
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line === 'held') released = release?.().finally(() => child.stdin.end('\n'))
    else seen.push(...parseLines(line))
  })
  const [code] = (await once(child, 'close')) as [number | null]
  await released
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}`)
  return seen
}

const clientProgram =
  (...command: string[]): RunClient =>
  (spec, _folder, release) =>
    runProgram(command, spec, release)

/** From the moment at which the request can be written: connecting, and TLS, are no part of a span. */
const CURL_REPORT =
  '\\"status\\":%{http_code},\\"before\\":%{time_pretransfer},\\"took\\":%{time_total},\\"bytes\\":%{size_download}'

function curlTransfer(spec: ClientSpec, { path, method, body }: Request): string {
  const lines = [`url = "${spec.base}${path}"`, 'output = "/dev/null"', 'insecure', 'silent']
  lines.push(method === 'HEAD' ? 'head' : `request = "${method}"`)
  if (body) lines.push(`data = "${body}"`, 'header = "Expect:"')
  if (!spec.keepAlive) lines.push('header = "Connection: close"')
  const start = `\\"path\\":\\"${path}\\",\\"method\\":\\"${method}\\"`
  lines.push(`write-out = "{${start},${CURL_REPORT}}\\n"`)
  return lines.join('\n')
}

/** curl takes a config file of many transfers; `-w` says what it saw of each. */
const runCurl: RunClient = async (spec) => {
  const parallel = spec.connections > 1 ? ['-Z', '--parallel-max', String(spec.connections)] : []
  const child = spawn('curl', [...parallel, '--no-progress-meter', '-K', '-'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin.end(spec.requests.map((request) => curlTransfer(spec, request)).join('\nnext\n'))
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(child, 'close')
  return Buffer.concat(chunks)
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const { before, took, ...rest } = JSON.parse(line) as Omit<Truth, 'start' | 'end'> & {
        before: number
        took: number
      }
      return { ...rest, start: before * 1000, end: took * 1000 }
    })
}

/** Go has no interpreter: it is built into the folder first. */
const runGo: RunClient = async (spec, folder, release) =>
  runProgram([await goBuild(folder, 'client')], spec, release)

/** Every client of the truth rows by its name. */
export const clients = {
  curl: runCurl,
  wrk: runWrk,
  python: clientProgram('python3', `${PROGRAMS}client.py`),
  node: clientProgram('node', `${PROGRAMS}client.mjs`),
  go: runGo,
} satisfies Record<string, RunClient>
