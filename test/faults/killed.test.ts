import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { kills } from '../size.ts'
import { startAgent } from '../truth/agent.ts'
import { startSink } from '../truth/sink.ts'
import { startLoad, withNginx } from './load.ts'

const SECONDS_EACH = 4
const FREED_WITHIN_MS = 10_000

/** Identifiers of the BPF programs that a process holds, itself or by what attaches them. */
function programsOf(pid: number | undefined): number[] {
  const folder = `/proc/${pid}/fdinfo`
  return readdirSync(folder).flatMap((fd) => programOf(join(folder, fd)) ?? [])
}

function programOf(info: string): number | undefined {
  try {
    const [, id] = /^prog_id:\s*(\d+)/m.exec(readFileSync(info, 'utf8')) ?? []
    return id === undefined ? undefined : Number(id)
  } catch {
    return undefined // closed since the folder was read
  }
}

function loadedPrograms(): readonly { readonly id: number }[] {
  return JSON.parse(execFileSync('bpftool', ['-j', 'prog', 'show'], { encoding: 'utf8' }))
}

/** Which of them are there in spite of the end of their process. The kernel frees them a little later. */
async function leftOver(programs: ReadonlySet<number>): Promise<readonly unknown[]> {
  const deadline = performance.now() + FREED_WITHIN_MS
  for (;;) {
    const left = loadedPrograms().filter(({ id }) => programs.has(id))
    if (left.length === 0 || performance.now() > deadline) return left
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

test(`killed ${kills} times under load: nobody notices, nothing stays`, async () => {
  const programs = new Set<number>()
  const sink = await startSink()
  await withNginx(async ({ base }) => {
    const load = startLoad(`${base}/r/1/small`, kills * SECONDS_EACH)
    for (let count = 0; count < kills; count++) {
      const agent = await startAgent({ endpoint: sink.endpoint })
      const exited = once(agent.process, 'exit')
      try {
        const held = programsOf(agent.process.pid)
        assert.notDeepEqual(held, [], 'the agent has programs')
        for (const id of held) programs.add(id)
        await sink.settled((spans) => spans.length > 0, 2000)
      } finally {
        agent.process.kill('SIGKILL')
        await exited
      }
    }
    const { requests, errors } = await load.report
    assert.ok(requests > 0)
    assert.deepEqual(errors, [])
  })
  await sink.close()
  assert.deepEqual(await leftOver(programs), [])
})
