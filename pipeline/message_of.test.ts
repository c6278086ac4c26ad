import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { test } from 'node:test'
import { messageOf } from './message_of.ts'

test('what was thrown says what it says, error or not', () => {
  assert.equal(messageOf(new Error('no room')), 'no room')
  assert.equal(messageOf('no room'), 'no room')
  assert.equal(messageOf(undefined), 'undefined')
})

test('a name whose addresses all refuse tells of each', async () => {
  const unused = createServer().listen(0, '127.0.0.1')
  await once(unused, 'listening')
  const { port } = unused.address() as { port: number }
  unused.close()
  await once(unused, 'close')
  const client = connect({
    port,
    host: 'both.example',
    autoSelectFamily: true,
    lookup: (_host, _options, done) =>
      done(null, [
        { address: '127.0.0.1', family: 4 },
        { address: '127.0.0.2', family: 4 },
      ]),
  })
  const [error] = await once(client, 'error').catch((thrown: unknown) => [thrown])
  assert.equal(
    messageOf(error),
    `connect ECONNREFUSED 127.0.0.1:${port}; connect ECONNREFUSED 127.0.0.2:${port}`,
  )
})
