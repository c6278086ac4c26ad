import type net from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { SocksClient } from 'socks'

const USUAL_PORT = 1080

/**
 * A connection to `host:port` that a SOCKS5 proxy makes; the proxy looks up the name. Rejects with what the proxy says.
 * For protocols in which the client speaks first: what the server says before it is asked is lost.
 * Source: https://www.rfc-editor.org/rfc/rfc1928 and https://www.rfc-editor.org/rfc/rfc1929
 */
export async function socksConnection(proxy: URL, host: string, port: number): Promise<net.Socket> {
  const options = {
    command: 'connect' as const,
    proxy: {
      type: 5 as const,
      host: proxy.hostname.replace(/^\[|\]$/g, ''),
      port: Number(proxy.port) || USUAL_PORT,
      ...(proxy.username !== '' && {
        userId: decodeURIComponent(proxy.username),
        password: decodeURIComponent(proxy.password),
      }),
    },
    destination: { host, port },
  }
  try {
    return (await SocksClient.createConnection(options)).socket
  } catch (cause) {
    const { message } = cause as Error
    throw new Error(`proxy ${proxy.host}: SOCKS to ${host}:${port}: ${message}`, { cause })
  }
}

/**
 * The same for protocols in which the server may speak first, as in HTTP/2. What it has said waits in the socket, which is paused.
 * The package gives such bytes away as an event, one turn after the connection.
 */
export async function eagerSocksConnection(
  proxy: URL,
  host: string,
  port: number,
): Promise<net.Socket> {
  const socket = await socksConnection(proxy, host, port)
  const early: Buffer[] = []
  const keep = (part: Buffer) => void early.push(part)
  socket.on('data', keep)
  await nextTurn()
  socket.pause().off('data', keep)
  if (early.length > 0) socket.unshift(Buffer.concat(early))
  return socket
}
