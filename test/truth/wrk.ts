import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { ClientSpec } from './client_spec.ts'
import { PROGRAMS, parseLines, type Request, type Truth } from './programs.ts'

/** wrk goes on until it is stopped, and counts no further than this. */
const AT_MOST_SECONDS = 3600

/** wrk's parser waits for the body of an answer to HEAD, which never comes. */
const isPossible = ({ method }: Request) => method !== 'HEAD'

const toLine = ({ path, method, body = '' }: Request) => `${method} ${path} ${body}`

/** wrk with a script (programs/wrk.lua) that sends each request once; which one was answered, X-Path tells. */
export async function runWrk(spec: ClientSpec, folder: string): Promise<Truth[]> {
  const requests = spec.requests.filter(isPossible)
  const list = join(folder, 'wrk.txt')
  await writeFile(list, `${requests.map(toLine).join('\n')}\n`)
  const options = ['-t1', `-c${spec.connections}`, `-d${AT_MOST_SECONDS}s`, '--timeout', '60s']
  const script = ['-s', `${PROGRAMS}wrk.lua`, spec.base, '--', list, String(spec.keepAlive)]
  const child = spawn('wrk', [...options, ...script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const seen: Truth[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    seen.push(...parseLines(line).map((truth) => ({ ...truth, ...methodOf(truth) })))
    if (seen.length === requests.length) child.kill('SIGINT')
  })
  const methods = new Map(requests.map(({ path, method }) => [path, method]))
  const methodOf = ({ path }: Truth) => ({ method: methods.get(path) ?? 'unasked' })
  await once(child, 'close')
  return seen
}
