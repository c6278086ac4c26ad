import type http from 'node:http'
import type { Socket } from 'node:net'

/** One server of Node and its connections. Which code answers their requests may change while they are open. */
export class HttpConnections {
  readonly server: http.Server
  readonly sockets = new Set<Socket>()
  #answer: http.RequestListener

  /** `create` makes the server with the listener it is given. */
  constructor(
    create: (onRequest: http.RequestListener) => http.Server,
    answer: http.RequestListener,
  ) {
    this.#answer = answer
    this.server = create((request, response) => this.#answer(request, response))
    this.server.on('connection', (socket) => {
      this.sockets.add(socket)
      socket.on('close', () => this.sockets.delete(socket))
    })
  }

  /** From now on `answer` has the requests. */
  answerBy(answer: http.RequestListener): void {
    this.#answer = answer
  }
}

/** What a server that was replaced leaves behind: connections that were kept open, and requests that came meanwhile. */
export class HttpEstate {
  readonly connections: readonly HttpConnections[]
  readonly #isHeir: (tls: unknown) => boolean
  readonly #waiting: (readonly [http.IncomingMessage, http.ServerResponse])[] = []

  /** `isHeir` says of another server's TLS settings whether it may have connections that were made under these. */
  constructor(connections: readonly HttpConnections[], isHeir: (tls: unknown) => boolean) {
    this.connections = connections
    this.#isHeir = isHeir
    for (const one of connections) {
      one.answerBy((request, response) => void this.#waiting.push([request, response]))
    }
  }

  /** The connections go to a server with these TLS settings, or end. */
  pass(tls: unknown, answer: http.RequestListener): readonly HttpConnections[] {
    if (!this.#isHeir(tls)) {
      this.end()
      return []
    }
    for (const one of this.connections) one.answerBy(answer)
    for (const [request, response] of this.#waiting.splice(0)) answer(request, response)
    return this.connections
  }

  /** Nobody wants them. */
  end(): void {
    for (const { server, sockets } of this.connections) {
      server.close()
      for (const socket of sockets) socket.destroy()
    }
  }
}
