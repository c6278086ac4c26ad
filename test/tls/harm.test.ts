import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, type TestContext, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Explanation, TlsReport } from '../../receivers/ebpf/explain/report.ts'
import { freePort } from '../support/ports.ts'
import { type Agent, startAgent } from '../truth/agent.ts'
import { goBuilds, goProgram } from './go_builds.ts'

const WEIR = fileURLToPath(new URL('../../../bin/weir', import.meta.url))
const run = promisify(execFile)
/** A program may have crashed more than 10 s after its first probe, on a machine that is that slow. */
const ATTEMPTS = 5

/** What a running agent says of the TLS of a process, once it has looked at it. */
async function tlsOf(pid: number | undefined): Promise<TlsReport> {
  for (;;) {
    const { stdout } = await run(WEIR, ['explain', '--json', String(pid)])
    const { processes } = JSON.parse(stdout) as Explanation
    const [found] = processes[0]?.tls ?? []
    if (found !== undefined) return found
    await setTimeout(100)
  }
}

describe('programs that probes harm, or may harm', { timeout: 120_000 }, () => {
  let folder: string
  let agent: Agent

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'weir-harm-'))
    agent = await startAgent({
      endpoint: 'http://127.0.0.1:9',
      instrument: [{ exe_path: `${folder}/*` }],
    })
  })
  after(async () => {
    await agent.stop()
    rmSync(folder, { recursive: true })
  })

  /** A file of its own, whose name is its path's last part. */
  function newProgram(name: string): string {
    const [build] = goBuilds
    assert.ok(build)
    const path = join(folder, name)
    copyFileSync(goProgram(build, 'server'), path)
    return path
  }

  async function startServer(t: TestContext, program: string) {
    const child = spawn(program, [String(await freePort()), join(folder, 'log')], {
      stdio: 'ignore',
    })
    t.after(() => child.kill('SIGKILL'))
    await once(child, 'spawn')
    return child
  }

  /** Starts it, ends it as a fault would, and tells what is said of its next process. */
  async function afterCrash(t: TestContext, program: string): Promise<TlsReport> {
    const first = await startServer(t, program)
    assert.equal((await tlsOf(first.pid)).read, true)
    first.kill('SIGSEGV')
    await once(first, 'exit')
    return tlsOf((await startServer(t, program)).pid)
  }

  test('a program that crashes soon after it was probed is not probed again', async (t) => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const { read, why } = await afterCrash(t, newProgram(`server${attempt}`))
      if (read) continue
      assert.match(
        why,
        /not probed any more: a panic or fault ended it within 10 s of its first probe/,
      )
      assert.ok(agent.log.some((line) => line.includes('a panic or fault ended it')))
      return
    }
    assert.fail('every crash came too late')
  })

  test('a program that checks its own code is never probed', async (t) => {
    const { read, why } = await tlsOf((await startServer(t, newProgram('clickhouse'))).pid)
    assert.equal(read, false)
    assert.match(why, /never probed: it checks its own code/)
  })
})
