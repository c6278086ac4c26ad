import { createServer, type Server, type Socket } from 'node:net'
import type { HttpEstate } from './http_connections.ts'

/** Sockets whose users have gone, by what they listen on: for the next user, as long as somebody holds them. */
const kept = new Map<string, Listener>()
let holds = 0

/**
 * Until the returned function is called, a listening socket that is released stays open for whoever opens the same address.
 * For the time in which a component is replaced; then those that nobody took are closed.
 */
export function holdListeners(): () => Promise<void> {
  holds += 1
  return async () => {
    holds -= 1
    if (holds > 0) return
    const left = [...kept.values()]
    kept.clear()
    await Promise.all(left.map((listener) => listener.close()))
  }
}

/** A listening socket, whose server may be replaced while connections arrive. */
export class Listener {
  readonly #key: string
  readonly #socket: Server
  #server: Server | undefined
  readonly #waiting: Socket[] = []
  #estate: HttpEstate | undefined

  private constructor(key: string, socket: Server) {
    this.#key = key
    this.#socket = socket
    socket.on('connection', (connection) => this.#pass(connection))
  }

  /** Takes over the socket that was released for `key`, or else listens by `listen`, as which it rejects. */
  static async open(key: string, listen: (socket: Server) => Promise<void>): Promise<Listener> {
    const found = kept.get(key)
    if (found !== undefined) {
      kept.delete(key)
      return found
    }
    const socket = createServer({ allowHalfOpen: true, noDelay: true })
    await listen(socket)
    return new Listener(key, socket)
  }

  /** From now on connections are those of `server`, which does not listen itself. */
  attach(server: Server): void {
    this.#server = server
    for (const connection of this.#waiting.splice(0)) this.#pass(connection)
  }

  /** The port that it listens on; 0 for a unix socket. */
  get port(): number {
    const address = this.#socket.address()
    return address === null || typeof address === 'string' ? 0 : address.port
  }

  /** What the last user left for the next one, if that speaks HTTP/1 too. */
  get estate(): HttpEstate | undefined {
    const estate = this.#estate
    this.#estate = undefined
    return estate
  }

  /** Its user goes. True: the socket stays open, connections wait for the next user, and so does what `leave` gives. */
  async release(leave?: () => HttpEstate): Promise<boolean> {
    this.#server = undefined
    if (holds > 0 && !kept.has(this.#key)) {
      this.#estate = leave?.()
      kept.set(this.#key, this)
      return true
    }
    await this.close()
    return false
  }

  close(): Promise<void> {
    this.#estate?.end()
    for (const connection of this.#waiting.splice(0)) connection.destroy()
    return new Promise((resolve) => {
      this.#socket.close(() => resolve())
      // Connections belong to their servers: only the listening must have ended.
      setImmediate(resolve)
    })
  }

  #pass(connection: Socket): void {
    if (this.#server === undefined) {
      connection.on('error', ignore)
      this.#waiting.push(connection)
      return
    }
    connection.off('error', ignore)
    connection.allowHalfOpen = (this.#server as { allowHalfOpen?: boolean }).allowHalfOpen === true
    this.#server.emit('connection', connection)
  }
}

const ignore = () => undefined
