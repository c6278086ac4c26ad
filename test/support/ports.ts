import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below those that kernels give to clients (ip_local_port_range), or one of them could take it before its server does. */
const FIRST = 10_000
const LAST = 32_000

/** A port of the loopback that nobody listens on right now. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST))
    const server = createServer().listen(port, '127.0.0.1')
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    )
    if (!isFree) continue
    server.close()
    await once(server, 'close')
    return port
  }
}
