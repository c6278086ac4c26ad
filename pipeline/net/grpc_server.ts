import { once } from 'node:events'
import type http2 from 'node:http2'
import { Admitted } from '../admission.ts'
import type { Consumer, Logger } from '../component.ts'
import type { Headers, Identity } from './auth.ts'
import { builtins } from './builtins.ts'
import { decompress } from './decompress.ts'
import {
  FrameReader,
  frame,
  GRPC_ENCODINGS,
  type GrpcEncoding,
  isGrpcEncoding,
} from './grpc_frame.ts'
import { ConnectionKeeper, type ServerKeepalive } from './grpc_keepalive.ts'
import { Code, encodeStatus, ResetCode, type Status, StatusError, statusOf } from './grpc_status.ts'
import { type Listen, listenerFor, type Transport } from './listen.ts'
import type { Listener } from './listener.ts'
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
}

interface Connection {
  readonly address: string
  readonly keeper: ConnectionKeeper
}

const MIN_WINDOW_BYTES = 65_535 // what HTTP/2 begins with
const WINDOWS_PER_CONNECTION = 8
const EMPTY_ANSWER = Buffer.concat(frame([], false))
const HEADERS_OF_ANSWER = {
  ':status': 200,
  'content-type': 'application/grpc',
  'grpc-accept-encoding': GRPC_ENCODINGS.join(','),
}

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
    this.#connections.set(session, { address: session.socket.remoteAddress ?? '', keeper })
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
      stream.respond({ ':status': 415 }, { endStream: true })
      return
    }
    const info = { address: connection.address, headers, signal: call.signal }
    const done = timeRpc(this.#options.duration, 'server', headers[':path'] ?? '')
    void this.#serve(stream, info)
      .then(
        (answer) => ({ status: OK, answer }),
        (error) => ({ status: statusOf(error), answer: undefined }),
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
        throw new StatusError({ code: Code.unauthenticated, message: error.message })
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
      throw new StatusError({ code: Code.unimplemented, message })
    }
    const encoding = headers['grpc-encoding'] ?? 'identity'
    if (typeof encoding === 'string' && isGrpcEncoding(encoding)) return { method, encoding }
    const message = `grpc: Decompressor is not installed for grpc-encoding "${encoding}"`
    throw new StatusError({ code: Code.unimplemented, message })
  }

  async #inflate(message: Buffer, encoding: GrpcEncoding): Promise<Buffer> {
    if (encoding === 'identity') {
      const why = 'grpc: compressed flag set with identity or empty encoding'
      throw new StatusError({ code: Code.internal, message: why })
    }
    const max = this.#options.maxMessageBytes
    return decompress(message, encoding, max).catch((error) => {
      const [code, text] =
        error.code === 'TOO_LARGE'
          ? [Code.resourceExhausted, `message after decompression larger than max ${max}`]
          : [Code.internal, `failed to decompress the received message: ${error.message}`]
      throw new StatusError({ code, message: `grpc: ${text}` })
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

function readMessage(stream: http2.ServerHttp2Stream, maxBytes: number, admitted: Admitted) {
  const reader = new FrameReader(maxBytes)
  return new Promise<{ compressed: boolean; message: Buffer }>((resolve, reject) => {
    const fail = (code: number, message: string) => reject(new StatusError({ code, message }))
    stream.on('data', (part: Buffer) => {
      try {
        const wanted = reader.push(part)
        if (wanted) admitted.grow(reader.claimedBytes)
        else throw faultOf(reader, maxBytes)
      } catch (refusal) {
        stream.pause()
        reject(refusal as Error)
      }
    })
    stream.on('end', () => {
      const message = reader.take()
      if (message === undefined) fail(Code.internal, 'grpc: the call ended within its message')
      else resolve(message)
    })
    stream.on('close', () => {
      if (!stream.readableEnded) fail(Code.canceled, 'grpc: the client went away')
    })
  })
}

function faultOf({ fault, claimedBytes }: FrameReader, maxBytes: number): StatusError {
  if (fault === 'several') {
    return new StatusError({
      code: Code.internal,
      message: 'grpc: several messages in a unary call',
    })
  }
  const message = `grpc: received message larger than max (${claimedBytes} vs. ${maxBytes})`
  return new StatusError({ code: Code.resourceExhausted, message })
}

function respond(stream: http2.ServerHttp2Stream, status: Status, answer: unknown): void {
  if (stream.destroyed || stream.closed) return
  if (status.code === Code.ok) {
    stream.respond(HEADERS_OF_ANSWER, { waitForTrailers: true })
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
    stream.end(answer instanceof Uint8Array ? Buffer.concat(frame([answer], false)) : EMPTY_ANSWER)
    return
  }
  stream.respond(
    {
      ...HEADERS_OF_ANSWER,
      'grpc-status': String(status.code),
      'grpc-message': encodeURI(status.message.toWellFormed()),
      ...(status.retryAfterMs !== undefined && {
        'grpc-status-details-bin': encodeStatus(status).toString('base64'),
      }),
    },
    { endStream: true },
  )
  // What the client still sends is of no use, and nobody reads it. At once, the reset would overtake the answer.
  if (!stream.readableEnded) setImmediate(() => stream.close(ResetCode.noError))
}
