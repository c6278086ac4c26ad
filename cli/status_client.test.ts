import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { askAgent } from './status_client.ts'

const folder = mkdtempSync(join(tmpdir(), 'weir-status-'))
after(() => rmSync(folder, { recursive: true }))

/** Asks an agent that does this with a connection. */
async function ask(answer: (asked: Socket) => void) {
  const socket = join(folder, 'agent.sock')
  const server = createServer(answer).listen(socket)
  await once(server, 'listening')
  try {
    return await askAgent(socket, '/')
  } finally {
    server.close()
  }
}

describe('an agent that is asked', () => {
  test('and is not there', async () => {
    assert.equal(await askAgent(join(folder, 'none.sock'), '/'), undefined)
  })

  test('and is killed at once is as one that is not there', async () => {
    assert.equal(await ask((asked) => asked.destroy()), undefined)
  })

  test('and is killed before it answers', async () => {
    assert.equal(await ask((asked) => asked.once('data', () => asked.destroy())), undefined)
  })

  test('and refuses is an error that names it', async () => {
    const refuse = (asked: Socket) => asked.end('HTTP/1.1 503 Busy\r\n\r\n')
    const message = `ask the agent at ${join(folder, 'agent.sock')}: status 503`
    await assert.rejects(ask(refuse), { code: 'AGENT_NOT_ASKED', message })
  })
})
