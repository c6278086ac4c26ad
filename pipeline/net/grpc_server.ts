import { once } from 'node:events'
import type http2 from 'node:http2'
import { Admitted } from '../admission.ts'
import type { Consumer, Logger } from '../component.ts'
import type { Headers, Identity } from './auth.ts'
import { builtins } from './builtins.ts'
import { type BodyError, decompress } from './decompress.ts'
import { readMessage, respond } from './grpc_exchange.ts'
import { type GrpcEncoding, isGrpcEncoding } from './grpc_frame.ts'
import { ConnectionKeeper, type ServerKeepalive } from './grpc_keepalive.ts'
import { BadCall, Code, ResetCode, type Status, statusOf } from './grpc_status.ts'
import { type Listen, listenerFor, type Transport } from './listen.ts'
import type { Listener } from './listener.ts'
import { certificateMetadata } from './peer_certificate.ts'
import { type TellDuration, timeRpc } from './request_duration.ts'
import { keepServerFresh, type TlsServerConfig, tlsServerOptions } from './tls_server_fields.ts'

export interface GrpcCall {
  /** Of the peer. */
  readonly address: string
  readonly headers: http2.IncomingHttpHeaders
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal
  /** What the authenticator knows of the sender. */
  readonly identity?: Identity
  /** What the certificate of the peer says. */
  readonly certificate: Headers
}

/** A unary method. */
export interface GrpcMethod extends Pick<Consumer<unknown>, 'admit'> {
  /** Takes the message, which it owns. Bytes that it resolves with are the answer, else that is empty; what it throws becomes a status. */
  handle(message: Buffer, call: GrpcCall): Promise<unknown>
}

export interface GrpcServerOptions {
  readonly where: Listen
  readonly transport: Transport
  readonly tls: TlsServerConfig | undefined
  readonly maxMessageBytes: number
  /** At the same time on one connection; 0 is no limit. */
  readonly maxStreams: number
  /** Of one call that a client may send before we have read it. */
  readonly windowBytes: number
  readonly keepalive: ServerKeepalive
  readonly log: Logger
  /** Rejects if the sender is not allowed. */
  readonly authenticate: ((headers: Headers) => Promise<Identity>) | undefined
  /** Hears how long each call took. */
  readonly duration: TellDuration
  /** Hears why a call was refused before its message was looked into. */
  readonly rejected: (reason: string) => void
}

interface Connection {
  readonly address: string
  readonly certificate: Headers
  readonly keeper: ConnectionKeeper
}

const MIN_WINDOW_BYTES = 65_535 // what HTTP/2 begins with
const WINDOWS_PER_CONNECTION = 8

/** Unary gRPC, all that OTLP needs, on node:http2. Source: grpc/doc/PROTOCOL-HTTP2.md */
export class GrpcServer {
  readonly #options: GrpcServerOptions
  readonly #methods: ReadonlyMap<string, GrpcMethod>
  readonly #connections = new Map<http2.ServerHttp2Session, Connection>()
  #server: http2.Http2Server | http2.Http2SecureServer | undefined
  #listener: Listener | undefined
  #stopRefresh: (() => void) | undefined

  /** `methods` by path: `/package.Service/Method`. */
  constructor(options: GrpcServerOptions, methods: ReadonlyMap<string, GrpcMethod>) {
    this.#options = options
    this.#methods = methods
  }

  /** Resolves when it listens. Rejects as the Collector says it: `listen tcp host:port: bind: address already in use`. */
  async listen(): Promise<void> {
    const { tls, where, transport, log } = this.#options
    const files = tls && (await tlsServerOptions(tls))
    const server =
      files === undefined
        ? builtins.http2.createServer(this.#http2Options())
        : builtins.http2.createSecureServer({ ...this.#http2Options(), ...files })
    server.on('session', (session) => this.#onSession(session))
    server.on('stream', (stream: http2.ServerHttp2Stream, headers) =>
      this.#onStream(stream, headers),
    )
    server.on('sessionError', () => undefined) // the connection ends, and the client sees it
    this.#listener = await listenerFor(where, transport)
    this.#server = server
    this.#listener.attach(server)
    if (tls === undefined || files === undefined) return
    this.#stopRefresh = keepServerFresh(server as http2.Http2SecureServer, tls, files, log)
  }

  /** The port that it listens on; 0 while it does not. */
  get port(): number {
    return this.#listener?.port ?? 0
  }

  /** Takes no more calls, finishes those that run, and at `deadline` ends them too. */
  async close(deadline: AbortSignal): Promise<void> {
    const listener = this.#listener
    this.#listener = undefined
    this.#server = undefined
    this.#stopRefresh?.()
    if (listener === undefined) return
    await listener.release()
    const sessions = [...this.#connections.keys()]
    const cut = () => {
      for (const session of sessions) session.destroy()
    }
    const closed = sessions.map((session) => once(session, 'close'))
    for (const session of sessions) session.close()
    if (deadline.aborted) cut()
    else deadline.addEventListener('abort', cut, { once: true })
    await Promise.all(closed)
    deadline.removeEventListener('abort', cut)
  }

  #http2Options(): http2.ServerOptions {
    const { maxStreams, windowBytes } = this.#options
    return {
      settings: {
        initialWindowSize: Math.max(windowBytes, MIN_WINDOW_BYTES),
        enablePush: false,
        ...(maxStreams > 0 && { maxConcurrentStreams: maxStreams }),
      },
    }
  }

  #onSession(session: http2.ServerHttp2Session): void {
    const window = Math.max(this.#options.windowBytes, MIN_WINDOW_BYTES)
    session.setLocalWindowSize(window * WINDOWS_PER_CONNECTION)
    const keeper = new ConnectionKeeper(session, this.#options.keepalive)
    const { socket } = session
    const address = socket.remoteAddress ?? ''
    this.#connections.set(session, { address, certificate: certificateMetadata(socket), keeper })
    session.on('close', () => this.#connections.delete(session))
    session.on('error', () => undefined)
    if (this.#server === undefined) session.close()
  }

  #onStream(stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders): void {
    const connection = stream.session && this.#connections.get(stream.session as never)
    stream.on('error', () => undefined) // a stream that is reset; 'close' follows
    if (connection === undefined) {
      stream.close(ResetCode.refusedStream)
      return
    }
    connection.keeper.callStarted()
    const call = new AbortController()
    let answered = false
    stream.on('close', () => {
      connection.keeper.callEnded()
      if (!answered) call.abort()
    })
    if (!headers['content-type']?.startsWith('application/grpc')) {
      this.#options.rejected('content_type')
      stream.respond({ ':status': 415 }, { endStream: true })
      return
    }
    const { address, certificate } = connection
    const info = { address, certificate, headers, signal: call.signal }
    const done = timeRpc(this.#options.duration, 'server', headers[':path'] ?? '')
    void this.#serve(stream, info)
      .then(
        (answer) => ({ status: OK, answer }),
        (error) => {
          if (error instanceof BadCall) this.#options.rejected(error.reason)
          return { status: statusOf(error), answer: undefined }
        },
      )
      .then(({ status, answer }) => {
        answered = true
        done(status)
        respond(stream, status, answer)
      })
  }

  async #serve(stream: http2.ServerHttp2Stream, call: GrpcCall): Promise<unknown> {
    const { method, encoding } = this.#methodOf(call.headers)
    const identity = await this.#options
      .authenticate?.(metadataOf(call.headers))
      .catch((error: Error) => {
        throw new BadCall('unauthenticated', Code.unauthenticated, error.message)
      })
    const known = identity === undefined ? call : { ...call, identity }
    const admitted = new Admitted(method, 0)
    try {
      const { compressed, message } = await readMessage(
        stream,
        this.#options.maxMessageBytes,
        admitted,
      )
      if (!compressed) return await method.handle(message, known)
      const plain = await this.#inflate(message, encoding)
      admitted.grow(plain.length)
      return await method.handle(plain, known)
    } finally {
      admitted.release()
    }
  }

  #methodOf(headers: http2.IncomingHttpHeaders) {
    const path = headers[':path'] ?? ''
    const method = this.#methods.get(path)
    if (method === undefined) {
      const [, service = '', name = ''] = path.split('/')
      const known = [...this.#methods.keys()].some((one) => one.startsWith(`/${service}/`))
      const message = known
        ? `unknown method ${name} for service ${service}`
        : `unknown service ${service}`
      throw new BadCall('path', Code.unimplemented, message)
    }
    const encoding = headers['grpc-encoding'] ?? 'identity'
    if (typeof encoding === 'string' && isGrpcEncoding(encoding)) return { method, encoding }
    const message = `grpc: Decompressor is not installed for grpc-encoding "${encoding}"`
    throw new BadCall('content_encoding', Code.unimplemented, message)
  }

  async #inflate(message: Buffer, encoding: GrpcEncoding): Promise<Buffer> {
    if (encoding === 'identity') {
      const why = 'grpc: compressed flag set with identity or empty encoding'
      throw new BadCall('corrupt', Code.internal, why)
    }
    const max = this.#options.maxMessageBytes
    return decompress(message, encoding, max).catch((error: BodyError) => {
      const text =
        error.code === 'TOO_LARGE'
          ? `grpc: message after decompression larger than max ${max}`
          : `grpc: failed to decompress the received message: ${error.message}`
      const code = error.code === 'TOO_LARGE' ? Code.resourceExhausted : Code.internal
      throw new BadCall(error.code.toLowerCase(), code, text)
    })
  }
}

const OK: Status = { code: Code.ok, message: '' }

/** Request headers, names in small letters, as components ask for them. */
export function metadataOf(headers: http2.IncomingHttpHeaders): Headers {
  const entries = Object.entries(headers).filter(([name]) => !name.startsWith(':'))
  return new Map(
    entries.map(([name, value]) => [name, Array.isArray(value) ? value : [value ?? '']] as const),
  )
}
