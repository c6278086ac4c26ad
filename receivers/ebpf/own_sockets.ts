import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'

const CHANNELS = ['net.client.socket', 'net.server.socket'] as const

/**
 * The TCP connections of this very process, so that what others exchange with weir makes no span. Node announces each socket before
 * a byte of it moves, but for those that `tls.connect` opens; an address translated on the way is not recognised.
 */
export class OwnSockets {
  readonly #open = new Set<string>()

  start(): void {
    for (const channel of CHANNELS) subscribe(channel, this.#onSocket)
  }

  stop(): void {
    for (const channel of CHANNELS) unsubscribe(channel, this.#onSocket)
    this.#open.clear()
  }

  /** Is weir at the other end of a connection that another process has? Addresses as that process sees them. */
  isPeer(localAddress: string, localPort: number, peerAddress: string, peerPort: number): boolean {
    return this.#open.has(`${peerAddress}|${peerPort}|${localAddress}|${localPort}`)
  }

  readonly #onSocket = (message: unknown): void => {
    const { socket } = message as { readonly socket: Socket }
    if (socket.remotePort === undefined) socket.once('connect', () => this.#add(socket))
    else this.#add(socket)
  }

  #add(socket: Socket): void {
    const { localAddress, localPort, remoteAddress, remotePort } = socket
    if (localAddress === undefined || remoteAddress === undefined) return // a pipe, or closed again
    const key = `${unmapped(localAddress)}|${localPort}|${unmapped(remoteAddress)}|${remotePort}`
    this.#open.add(key)
    // Records of its last bytes are still in the rings when it closes.
    socket.once('close', () => setTimeout(() => this.#open.delete(key), LINGER_MS).unref())
  }
}

const LINGER_MS = 2000

const unmapped = (address: string) => address.replace(/^::ffff:(?=\d+\.)/, '')
