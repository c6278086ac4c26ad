import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startAgent } from '../truth/agent.ts'
import { startSink } from '../truth/sink.ts'
import { lastAccount } from './account.ts'
import { startLoad, withNginx } from './load.ts'

const SECONDS = 3
const QUIET_MS = 1500

test('a full ring: lost and exported are what was seen, exactly', async (t) => {
  const sink = await startSink()
  await withNginx(async ({ base, truth }) => {
    const agent = await startAgent({
      endpoint: sink.endpoint,
      instrument: [{ exe_path: '*/nginx' }],
      rings: { size: '64KiB' },
    })
    const load = startLoad(`${base}/r/1/small`, SECONDS)
    agent.process.kill('SIGSTOP')
    await load.report
    agent.process.kill('SIGCONT')
    await sink.settled(() => false, QUIET_MS)
    assert.equal(await agent.stop(), 0)
    const account = lastAccount(agent)
    t.diagnostic(account.text)
    assert.ok(account.lost > 0, 'the ring was full')
    assert.equal(account.seen, account.exported + account.lost + account.skipped)
    assert.equal(account.exported, sink.spans.length)
    assert.equal(account.seen, (await truth()).length)
  })
  await sink.close()
})
