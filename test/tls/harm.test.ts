import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { Agent, get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, type TestContext, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Explanation, ProcessReport, TlsReport } from '../../receivers/ebpf/explain/report.ts'
import { type Certificates, makeCertificates } from '../support/certificates.ts'
import { freePort } from '../support/ports.ts'
import { startAgent, type Agent as WatchingAgent } from '../truth/agent.ts'
import { goBuilds, goProgram } from './go_builds.ts'

const WEIR = fileURLToPath(new URL('../../../bin/weir', import.meta.url))
const run = promisify(execFile)
/** Hits a second: a few requests. */
const MAX_RATE = 20
/** A program may have crashed more than 10 s after its first probe, on a machine that is that slow. */
const ATTEMPTS = 5

/** What a running agent says of the TLS of a process, once it has looked at it. */
async function tlsOf(pid: number | undefined): Promise<TlsReport> {
  for (;;) {
    const [found] = (await reportOf(pid))?.tls ?? []
    if (found !== undefined) return found
    await setTimeout(100)
  }
}

async function reportOf(pid: number | undefined): Promise<ProcessReport | undefined> {
  const { stdout } = await run(WEIR, ['explain', '--json', String(pid)])
  return (JSON.parse(stdout) as Explanation).processes[0]
}

/** Asks a server again and again over one connection, until it is told to end. */
function keepAsking(port: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false })
  let on = true
  const ask = () =>
    new Promise<void>((resolve) => {
      get({ port, agent, path: '/small' }, (response) => response.resume().on('end', resolve)).on(
        'error',
        resolve, // it has not begun to listen, or is ended
      )
    })
  const over = (async () => {
    while (on) await ask()
    agent.destroy()
  })()
  return () => {
    on = false
    return over
  }
}

describe('programs that probes harm, or may harm', { timeout: 120_000 }, () => {
  let folder: string
  let certificates: Certificates
  let agent: WatchingAgent

  before(async () => {
    certificates = makeCertificates()
    folder = mkdtempSync(join(tmpdir(), 'weir-harm-'))
    agent = await startAgent({
      endpoint: 'http://127.0.0.1:9',
      instrument: [{ exe_path: `${folder}/*` }],
      probes: { max_rate: MAX_RATE },
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

  async function startServer(t: TestContext, program: string, port?: number) {
    const certificate = port === undefined ? [] : [certificates.serverCert, certificates.serverKey]
    const args = [String(port ?? (await freePort())), join(folder, 'log'), ...certificate]
    const child = spawn(program, args, { stdio: 'ignore' })
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

  test('a program that hits its probes too often is told of, and loses them', async (t) => {
    const port = await freePort()
    const { pid } = await startServer(t, newProgram('busy'), port)
    const end = keepAsking(port)
    t.after(end)
    let report = await reportOf(pid)
    while (report?.traffic?.probes === undefined) report = await reportOf(pid)
    const { hits, cpuNs, trapNs = 0, programNs } = report.traffic.probes
    assert.ok(hits > 0 && trapNs > 0 && programNs > 0)
    assert.ok(Math.abs(cpuNs - hits * (trapNs + programNs)) < 1)
    while (report?.tls[0]?.read !== false) report = await reportOf(pid)
    assert.match(
      report?.tls[0]?.why ?? '',
      /not probed any more: process \d+ \(\S+busy\) hit the probes \d+ times a second for 3 s, and 20 is the limit/,
    )
    assert.ok(agent.log.some((line) => line.includes('probe ') && line.includes('20 is the limit')))
  })

  test('a program that checks its own code is never probed', async (t) => {
    const { read, why } = await tlsOf((await startServer(t, newProgram('clickhouse'))).pid)
    assert.equal(read, false)
    assert.match(why, /never probed: it checks its own code/)
  })
})
