import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { SpanView } from '../../cli/span_view.ts'
import type { Agent } from '../truth/agent.ts'
import { PROGRAMS, type Service, startService, watchOnly } from './services.ts'

const WEIR = fileURLToPath(new URL('../../../bin/weir', import.meta.url))

describe('weir tail', () => {
  let folder: string
  let socket: string
  let service: Service
  let agent: Agent | undefined
  let tail: ChildProcess
  let spans: Interface
  let words: Interface

  /** Resolves at the next line that says so: more than one may come at once. */
  const said = (text: string) =>
    new Promise<void>((resolve) => {
      const look = (line: string) => {
        if (!line.includes(text)) return
        words.off('line', look)
        resolve()
      }
      words.on('line', look)
    })
  const nextSpan = async () => {
    const [line] = (await once(spans, 'line')) as [string]
    return JSON.parse(line) as SpanView
  }
  const startAgent = () => watchOnly(service.pid, 'tailed', socket)

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'weir-tail-'))
    socket = join(folder, 'weir.sock')
    service = await startService(['python3', join(PROGRAMS, 'plain.py')])
    const filters = ['service=tailed', 'status<500', 'path!~^/hidden']
    tail = spawn(WEIR, ['tail', '--json', '--socket', socket, ...filters], { stdio: 'pipe' })
    assert.ok(tail.stdout && tail.stderr)
    spans = createInterface({ input: tail.stdout })
    words = createInterface({ input: tail.stderr })
    await said('No agent runs: waiting for one.')
  })
  after(async () => {
    await service.stop()
    await agent?.stop()
    tail.kill('SIGKILL')
    rmSync(folder, { recursive: true })
  })

  for (const start of ['the first agent', 'the agent that comes after it']) {
    test(`shows what passes the filters, of ${start}`, async () => {
      const listening = said('Listening to the agent.')
      agent = await startAgent()
      await listening
      const span = nextSpan()
      await service.get('/hidden/1')
      await service.get('/shown/1')
      const { path, name, kind, status, pid } = await span
      assert.deepEqual(
        { path, name, kind, status, pid },
        { path: '/shown/1', name: 'GET /shown/*', kind: 'server', status: 200, pid: service.pid },
      )
      const waiting = said('No agent runs: waiting for one.')
      await agent.stop()
      await waiting
    })
  }

  test('ends when it is interrupted while it waits', async () => {
    const other = spawn(WEIR, ['tail', '--socket', socket], { stdio: ['ignore', 'ignore', 'pipe'] })
    await once(other.stderr, 'data')
    const ended = once(other, 'exit')
    other.kill('SIGINT')
    assert.deepEqual(await ended, [0, null])
  })

  test('ends when it is interrupted while it listens', async () => {
    const listening = said('Listening to the agent.')
    agent = await startAgent()
    await listening
    const ended = once(tail, 'exit')
    tail.kill('SIGINT')
    assert.deepEqual(await ended, [0, null])
  })
})
