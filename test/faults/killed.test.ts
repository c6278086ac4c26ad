import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { kills } from '../size.ts'
import { startAgent } from '../truth/agent.ts'
import { startSink } from '../truth/sink.ts'
import { startLoad, withNginx } from './load.ts'

const SECONDS_EACH = 4

interface ShownProgram {
  readonly name?: string
  readonly pids?: readonly { readonly comm: string }[]
}

/** Names of BPF programs that are loaded now. */
function programs(): string[] {
  const shown = JSON.parse(execFileSync('bpftool', ['-j', 'prog', 'show'], { encoding: 'utf8' }))
  return (shown as readonly ShownProgram[]).map(({ name = '' }) => name).sort()
}

test(`killed ${kills} times under load: nobody notices, nothing stays`, async () => {
  const before = programs()
  const sink = await startSink()
  await withNginx(async ({ base }) => {
    const load = startLoad(`${base}/r/1/small`, kills * SECONDS_EACH)
    for (let count = 0; count < kills; count++) {
      const agent = await startAgent({ endpoint: sink.endpoint })
      assert.ok(programs().length > before.length, 'the agent has programs loaded')
      await sink.settled((spans) => spans.length > 0, 2000)
      agent.process.kill('SIGKILL')
      await once(agent.process, 'exit')
    }
    const { requests, errors } = await load.report
    assert.ok(requests > 0)
    assert.deepEqual(errors, [])
  })
  await sink.close()
  assert.deepEqual(programs(), before)
})
