import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Agent, startAgent } from '../truth/agent.ts'
import { clients } from '../truth/clients.ts'
import { startNginxBy } from '../truth/nginx.ts'
import { makeRequests, type StartServer } from '../truth/programs.ts'
import { runRow } from '../truth/run_row.ts'
import { startSink } from '../truth/sink.ts'
import { lastAccount } from './account.ts'
import { withNginx } from './load.ts'

const REQUESTS = 100
/** More than a receiver and an exporter hold open. */
const ENOUGH = 4096

const limit = (agent: Agent, files: number) =>
  execFileSync('prlimit', ['--pid', String(agent.process.pid), `--nofile=${files}:${ENOUGH}`])

const openFiles = (agent: Agent) => readdirSync(`/proc/${agent.process.pid}/fd`).length

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

test('no file can be opened any more: the agent goes on, and accounts for every exchange', async (t) => {
  const sink = await startSink()
  await withNginx(async ({ base }) => {
    const agent = await startAgent({
      endpoint: sink.endpoint,
      instrument: [{ exe_path: '*/nginx' }],
      launcher: ['prlimit', `--nofile=${ENOUGH}`],
    })
    const play = (prefix: string) =>
      clients.curl(
        { base, requests: makeRequests(prefix, REQUESTS), connections: 1, keepAlive: true },
        '',
      )
    limit(agent, openFiles(agent))
    await sink.close() // its connections too: the exporter would need new ones
    await play('/r/without-')
    await pause(1000)
    assert.equal(agent.process.exitCode, null, 'the agent runs')
    limit(agent, ENOUGH)
    await play('/r/with-')
    await pause(1000)
    assert.equal(await agent.stop(), 0)
    const account = lastAccount(agent)
    t.diagnostic(account.text)
    assert.equal(account.seen, account.exported + account.lost + account.skipped)
    assert.ok(account.exported + account.lost >= 2 * REQUESTS)
  })
})

/** As few files as a shell might leave to a service: it runs, or says in one line why not. */
for (const files of [32, 128]) {
  test(`${files} files at most`, async (t) => {
    const sink = await startSink()
    const launcher = ['prlimit', `--nofile=${files}`]
    try {
      const agent = await startAgent({ endpoint: sink.endpoint, launcher })
      t.diagnostic(`runs with ${openFiles(agent)} files`)
      assert.equal(await agent.stop(), 0)
    } catch (error) {
      const text = String(error)
      t.diagnostic(text.split('\n').at(-1) ?? '')
      assert.match(text, /ended with 1 before it was ready/)
      assert.match(text, /EMFILE|too many open files/i)
    } finally {
      await sink.close()
    }
  })
}

/** What a worker of nginx holds open by itself, and a few connections. */
const FEW = 14

test('the application can open no file: each request that it takes late is one span at each end', async (t) => {
  const sink = await startSink()
  t.after(() => sink.close())
  const agent = await startAgent({ endpoint: sink.endpoint })
  t.after(() => agent.process.kill())
  let refused = 0
  const limited: StartServer = async (folder, certificate) => {
    const nginx = await startNginxBy(['prlimit', `--nofile=${FEW}`])(folder, certificate)
    const stop = async () => {
      const errors = readFileSync(join(folder, `nginx-${nginx.port}.err`), 'utf8')
      refused = errors.split('Too many open files').length - 1
      await nginx.stop()
    }
    return { ...nginx, stop }
  }
  const row = { server: 'nginx', client: 'python', connections: 16, keepAlive: true } as const
  const play = { prefix: '/r/few-', requests: REQUESTS, sink, timed: false, server: limited }
  const { differences, spans } = await runRow(row, play)
  assert.equal(await agent.stop(), 0)
  t.diagnostic(`${refused} refusals of the kernel, ${spans.length} spans`)
  assert.ok(refused > 0)
  assert.deepEqual(differences, [])
})
