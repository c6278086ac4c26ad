import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { otherBytes } from '../size.ts'
import { freePort } from '../support/ports.ts'
import type { ReceivedSpan } from '../truth/sink.ts'
import { type Kind, OTHER_KINDS, type Source, sourceOf, type Turn } from './other_kinds.ts'
import { startWatching, type Watch } from './watch.ts'

const TURNS = 12
const SEED = 6

/** Gives `bytes` to one end of a connection and resolves when they have come out of the other. */
async function move(from: Socket, to: Socket, bytes: Buffer): Promise<void> {
  let missing = bytes.length
  const all = new Promise<void>((resolve) => {
    const onData = (data: Buffer) => {
      missing -= data.length
      if (missing > 0) return
      to.off('data', onData)
      resolve()
    }
    to.on('data', onData)
  })
  from.write(bytes)
  await all
}

/** Plays one connection of a kind, and returns how many bytes it moved. */
async function playConnection(
  server: Server,
  port: number,
  turns: Iterable<Turn>,
): Promise<number> {
  const accepted = once(server, 'connection') as Promise<[Socket]>
  const client = connect(port, '127.0.0.1')
  const [other] = await accepted
  let moved = 0
  for (const { asks, answers } of turns) {
    await move(client, other, asks)
    await move(other, client, answers)
    moved += asks.length + answers.length
  }
  client.end()
  other.end()
  await Promise.all([once(client, 'close'), once(other, 'close')])
  return moved
}

const turnsOf = (kind: Kind, from: Source) =>
  Array.from({ length: TURNS }, (_, turn) => kind(from, turn))

/** What weir reads, so that it is sure to have looked at all that came before. */
const markerOf = (port: number): Turn => ({
  asks: Buffer.from(`GET /marker HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`),
  answers: Buffer.from('HTTP/1.1 204 No Content\r\n\r\n'),
})

// What a connection is, its bytes tell and never its port, so one port stands for that of each protocol.
describe('traffic of other kinds makes no span', () => {
  let port = 0
  let server: Server
  let watch: Watch

  before(async () => {
    port = await freePort()
    server = createServer({ allowHalfOpen: false }).listen(port, '127.0.0.1')
    await once(server, 'listening')
    watch = await startWatching()
  })

  after(async () => {
    server.close()
    await watch.stop()
  })

  const mine = () =>
    watch.spans.filter(({ attributes }) => Number(attributes.get('server.port')) === port)
  const isMarker = ({ attributes }: ReceivedSpan) =>
    /\/marker$/.test(String(attributes.get('url.full') ?? attributes.get('url.path')))
  const markers = () => mine().filter(isMarker).length

  for (const [name, kind] of Object.entries(OTHER_KINDS)) {
    test(name, async (t) => {
      const from = sourceOf(SEED)
      let [bytes, connections] = [0, 0]
      for (; bytes < otherBytes; connections++) {
        bytes += await playConnection(server, port, turnsOf(kind, from))
      }
      const wanted = markers() + 2 // of the server and of the client
      await playConnection(server, port, [markerOf(port)])
      await watch.settled(() => markers() === wanted)
      assert.equal(markers(), wanted, 'the agent sees this port')
      const others = mine().filter((span) => !isMarker(span))
      assert.deepEqual(others, [])
      t.diagnostic(`${(bytes / 1e6).toFixed(0)} MB in ${connections} connections`)
    })
  }
})
