import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Agent, startAgent } from '../truth/agent.ts'
import { clients } from '../truth/clients.ts'
import { makeRequests } from '../truth/programs.ts'
import { startSink } from '../truth/sink.ts'
import { lastAccount } from './account.ts'
import { withNginx } from './load.ts'

const REQUESTS = 2000
const QUIET_MS = 3000
const PREFIX = '/r/full-'

test('a full ring: lost and exported are what was seen, exactly', async (t) => {
  const sink = await startSink()
  let agent: Agent | undefined
  try {
    await withNginx(async ({ base, truth }) => {
      const requests = makeRequests(PREFIX, REQUESTS).filter(({ method }) => method === 'GET')
      // The client is older than the agent, so the kernel knows from the start that it is not watched.
      await clients.python(
        { base, requests, connections: 4, keepAlive: true, hold: true },
        '',
        async () => {
          agent = await startAgent({
            endpoint: sink.endpoint,
            instrument: [{ exe_path: '*/nginx' }],
            rings: { size: '64KiB' },
          })
          agent.process.kill('SIGSTOP')
        },
      )
      agent?.process.kill('SIGCONT')
      await sink.settled(() => false, QUIET_MS)
      assert.equal(await agent?.stop(), 0)
      const served = (await truth()).filter(({ path }) => path.startsWith(PREFIX)).length
      assert.equal(served, requests.length)
      const account = agent && lastAccount(agent)
      t.diagnostic(account?.text ?? '')
      assert.ok(account && account.lost > 0, 'the ring was full')
      assert.equal(account.exported, sink.spans.length)
      assert.equal(account.exported + account.lost, served)
      assert.equal(account.seen, account.exported + account.lost + account.skipped)
    })
  } finally {
    agent?.process.kill('SIGKILL')
    await sink.close()
  }
})
