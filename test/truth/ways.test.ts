import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { startAgent } from './agent.ts'
import { compare } from './compare.ts'
import { PROGRAMS } from './programs.ts'
import { startSink } from './sink.ts'

const run = promisify(execFile)
const QUIET_MS = 20_000
const BODY_BYTES = 3000

/** Programs of their own, which print the path of each exchange. */
const TABLE = [
  ['every way in and out of a socket', 'ways'],
  ['ports that are shared, and connections that are passed on', 'shared'],
] as const

for (const pairing of ['auto', 'user'] as const) {
  for (const [name, program] of TABLE) {
    test(`${name}, pairing ${pairing}`, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'weir-ways-'))
      const sink = await startSink()
      try {
        const binary = join(folder, program)
        await run('gcc', ['-O2', '-o', binary, join(PROGRAMS, `${program}.c`)])
        const agent = await startAgent({ endpoint: sink.endpoint, pairing })
        const { stdout } = await run(binary)
        const truths = stdout
          .trim()
          .split('\n')
          .map((path) => ({
            path,
            method: 'GET',
            status: 200,
            start: 0,
            end: 0,
            bytes: BODY_BYTES,
          }))
        await sink.settled((spans) => spans.length >= 2 * truths.length, QUIET_MS)
        await agent.stop()
        const server = compare(truths, sink.spans, { kind: 'server' })
        const client = compare(truths, sink.spans, { kind: 'client' })
        assert.deepEqual([...server.differences, ...client.differences], [])
      } finally {
        await sink.close()
        await rm(folder, { recursive: true })
      }
    })
  }
}
