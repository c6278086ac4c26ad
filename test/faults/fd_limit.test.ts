import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { type Agent, startAgent } from '../truth/agent.ts'
import { clients } from '../truth/clients.ts'
import { makeRequests } from '../truth/programs.ts'
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
