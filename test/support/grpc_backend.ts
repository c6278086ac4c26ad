import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(new URL('../../../test/support/grpc_server.py', import.meta.url))

/** What the backend got. */
export interface Call {
  /** Base64. */
  readonly message: string
  readonly metadata: Readonly<Record<string, string>>
  readonly timeout: number
}

export const bytesOf = (call: Call | undefined) => Buffer.from(call?.message ?? '', 'base64')

/** A backend that answers in turn, on Google's library for Python: see grpc_server.py for `args`. */
export async function backend(t: TestContext, ...args: string[]) {
  const child: ChildProcess = spawn('/usr/bin/python3', [PROGRAM, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  t.after(() => child.kill())
  const calls: Call[] = []
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })
  const [port] = await once(lines, 'line')
  lines.on('line', (line) => calls.push(JSON.parse(line)))
  /** It has printed as many calls, which may be after it has answered them. */
  const seen = async (count: number) => {
    while (calls.length < count) await once(lines, 'line')
    assert.equal(calls.length, count)
  }
  return { calls, seen, target: `127.0.0.1:${port}` }
}
