// Plays conversations byte for byte, both ends. Usage: raw.mjs CASES (JSON: see ../raw_cases.ts)
import { once } from 'node:events'
import net from 'node:net'

const cases = JSON.parse(process.argv[2])

/** Waits until `socket` has read `bytes` in all, or is over. */
const received = async (side, bytes) => {
  while (side.read < bytes && !side.over) await new Promise((resolve) => (side.wake = resolve))
}

const follow = (socket) => {
  const side = { socket, read: 0, sent: 0, over: false, wake: () => {} }
  socket.setNoDelay(true)
  socket.on('data', (data) => {
    side.read += data.length
    side.wake()
  })
  for (const event of ['end', 'close', 'error']) {
    socket.on(event, () => {
      side.over = true
      side.wake()
    })
  }
  return side
}

const pieces = (data, split) => {
  if (!split) return [data]
  return Array.from({ length: Math.ceil(data.length / split) }, (_, index) =>
    data.subarray(index * split, (index + 1) * split),
  )
}

const play = async ({ steps }) => {
  const server = net.createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const accepted = once(server, 'connection')
  const client = net.connect({
    port: server.address().port,
    host: '127.0.0.1',
    allowHalfOpen: true,
  })
  const [[incoming]] = await Promise.all([accepted, once(client, 'connect')])
  const sides = { client: follow(client), server: follow(incoming) }
  for (const step of steps) {
    const [from, to] =
      step.from === 'client' ? [sides.client, sides.server] : [sides.server, sides.client]
    for (const piece of pieces(Buffer.from(step.data ?? '', 'latin1'), step.split)) {
      from.sent += piece.length
      from.socket.write(piece)
      await received(to, from.sent)
    }
    if (step.pauseMs) await new Promise((resolve) => setTimeout(resolve, step.pauseMs))
    if (step.end) from.socket.end()
    if (step.reset) from.socket.resetAndDestroy()
    if (step.end || step.reset) while (!to.over) await new Promise((resolve) => (to.wake = resolve))
  }
  client.destroy()
  incoming.destroy()
  server.close()
}

for (const one of cases) await play(one)
