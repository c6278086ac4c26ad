import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { kills } from '../size.ts'
import { startAgent } from '../truth/agent.ts'
import { startSink } from '../truth/sink.ts'
import { startLoad, withNginx } from './load.ts'

const SECONDS_EACH = 4
const FREED_WITHIN_MS = 10_000

interface ShownProgram {
  readonly name?: string
}

/** Names of the BPF programs that are loaded now. */
function programs(): string[] {
  const shown = JSON.parse(execFileSync('bpftool', ['-j', 'prog', 'show'], { encoding: 'utf8' }))
  return (shown as readonly ShownProgram[]).map(({ name = '' }) => name)
}

/** Programs that were not there before. The kernel frees those of a killed process a little later. */
async function leftOver(before: readonly string[]): Promise<string[]> {
  const deadline = performance.now() + FREED_WITHIN_MS
  for (;;) {
    const left = programs().filter((name) => !before.includes(name))
    if (left.length === 0 || performance.now() > deadline) return left
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

test(`killed ${kills} times under load: nobody notices, nothing stays`, async () => {
  const before = programs()
  const sink = await startSink()
  await withNginx(async ({ base }) => {
    const load = startLoad(`${base}/r/1/small`, kills * SECONDS_EACH)
    for (let count = 0; count < kills; count++) {
      const agent = await startAgent({ endpoint: sink.endpoint })
      assert.ok(
        programs().some((name) => !before.includes(name)),
        'the agent has programs',
      )
      await sink.settled((spans) => spans.length > 0, 2000)
      agent.process.kill('SIGKILL')
      await once(agent.process, 'exit')
    }
    const { requests, errors } = await load.report
    assert.ok(requests > 0)
    assert.deepEqual(errors, [])
  })
  await sink.close()
  assert.deepEqual(await leftOver(before), [])
})
