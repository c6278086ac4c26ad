import type http2 from 'node:http2'
import net from 'node:net'
import { timerMs } from '../timer.ts'
import { backoffMs } from './backoff.ts'
import { builtins } from './builtins.ts'
import { type Address, addressText } from './grpc_target.ts'
import { tunnel } from './proxy.ts'
import { isSocks } from './socks.ts'
import type { TlsClient } from './tls_fields.ts'

export interface ConnectionOptions {
  /** Undefined: plain text. Read anew for each connection. */
  readonly tls: () => TlsClient | undefined
  readonly authority: string
  readonly keepalive: ClientKeepalive | undefined
  /** Makes the connection to the address. */
  readonly proxy: URL | undefined
}

export interface ClientKeepalive {
  /** Milliseconds between questions for a sign of life. */
  readonly timeMs: number
  readonly timeoutMs: number
  readonly withoutCalls: boolean
}

const CONNECT_TIMEOUT_MS = 20_000
/** Node counts what is queued for sending in it, and refuses streams above it: queues are bounded elsewhere. */
const SESSION_MEMORY_MB = 4096
const WINDOW_BYTES = 65_535 // answers are a few bytes

type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'connecting'; readonly ready: Promise<http2.ClientHttp2Session> }
  | { readonly kind: 'ready'; readonly session: http2.ClientHttp2Session }
  | { readonly kind: 'failed'; readonly error: Error; readonly untilMs: number }
  | { readonly kind: 'closed' }

/** One HTTP/2 connection to one address that comes back: at once if it was lost, after waits if it cannot be made. */
export class Connection {
  readonly address: Address
  readonly #options: ConnectionOptions
  #state: State = { kind: 'idle' }
  #failures = 0
  #calls = 0

  constructor(address: Address, options: ConnectionOptions) {
    this.address = address
    this.#options = options
  }

  /** Whether a call can be sent now. */
  get isReady(): boolean {
    return this.#state.kind === 'ready'
  }

  /** Connects in the background, if it is not and may. */
  wake(): void {
    if (!this.isReady && this.waitMs === 0) this.session().catch(() => undefined)
  }

  /** The last reason why it could not be made. */
  get failure(): Error | undefined {
    return this.#state.kind === 'failed' ? this.#state.error : undefined
  }

  /** Milliseconds until it may be tried again. */
  get waitMs(): number {
    const state = this.#state
    return state.kind === 'failed' ? Math.max(0, state.untilMs - performance.now()) : 0
  }

  /** Resolves when calls can be sent. Rejects with the reason why not. */
  session(): Promise<http2.ClientHttp2Session> {
    const state = this.#state
    if (state.kind === 'ready') return Promise.resolve(state.session)
    if (state.kind === 'connecting') return state.ready
    if (state.kind === 'closed') return Promise.reject(new Error('the connection is closed'))
    if (state.kind === 'failed' && this.waitMs > 0) return Promise.reject(state.error)
    const ready = this.#connect()
    this.#state = { kind: 'connecting', ready }
    return ready
  }

  /** Of calls under way, for signs of life. */
  count(change: 1 | -1): void {
    this.#calls += change
  }

  /** Ends it, after the calls that are under way. */
  close(): void {
    const state = this.#state
    this.#state = { kind: 'closed' }
    if (state.kind === 'ready') state.session.close()
  }

  async #connect(): Promise<http2.ClientHttp2Session> {
    try {
      const session = await this.#open()
      if (this.#state.kind === 'closed') {
        session.destroy()
        throw new Error('the connection is closed')
      }
      this.#failures = 0
      this.#state = { kind: 'ready', session }
      const lost = () => {
        if (this.#state.kind === 'ready' && this.#state.session === session) {
          this.#state = { kind: 'idle' }
        }
      }
      session.on('close', lost)
      session.on('goaway', lost) // it takes no new calls, those under way go on
      if (session.closed || session.destroyed) lost()
      this.#watch(session)
      return session
    } catch (cause) {
      throw this.#fail(cause as NodeJS.ErrnoException)
    }
  }

  #fail(cause: NodeJS.ErrnoException): Error {
    const text = `connect ${addressText(this.address)}: ${cause.code ?? cause.name}: ${cause.message}`
    const error = new Error(text, { cause })
    if (this.#state.kind === 'closed') return error
    this.#failures += 1
    const untilMs = performance.now() + backoffMs(this.#failures, Math.random())
    this.#state = { kind: 'failed', error, untilMs }
    return error
  }

  async #open(): Promise<http2.ClientHttp2Session> {
    const socket = await this.#socket()
    const session = builtins.http2.connect(`http://${this.#options.authority}`, {
      createConnection: () => socket,
      maxSessionMemory: SESSION_MEMORY_MB,
      settings: { enablePush: false, initialWindowSize: WINDOW_BYTES },
    })
    session.on('error', () => undefined) // 'close' follows, and calls fail on their own
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        session.destroy()
        reject(new Error(`no HTTP/2 settings within ${CONNECT_TIMEOUT_MS / 1000}s`))
      }, CONNECT_TIMEOUT_MS)
      const settle = (act: () => void) => () => {
        clearTimeout(timer)
        act()
      }
      session.once('remoteSettings', settle(resolve))
      session.once('error', (error) => settle(() => reject(error))())
      session.once(
        'close',
        settle(() => reject(new Error('closed before it was ready'))),
      )
    })
    return session
  }

  async #socket(): Promise<net.Socket> {
    const { proxy, authority } = this.#options
    const { address } = this
    const plain = proxy === undefined ? net.connect(address) : await connectThrough(proxy, address)
    plain.setNoDelay(true)
    if (proxy === undefined) await settled(plain, 'connect')
    const client = this.#options.tls()
    if (client === undefined) return plain
    const servername = client.servername ?? hostOf(authority)
    const secure = builtins.tls.connect({
      ...client,
      ...(net.isIP(servername) === 0 && { servername }),
      host: servername, // for the certificate of an address
      socket: plain,
      ALPNProtocols: ['h2'],
    })
    await settled(secure, 'secureConnect')
    return secure
  }

  /** Asks for signs of life, and gives the connection up without one. */
  #watch(session: http2.ClientHttp2Session): void {
    const { keepalive } = this.#options
    if (keepalive === undefined) return
    let late: NodeJS.Timeout | undefined
    const timer = setInterval(() => {
      if (session.destroyed || late !== undefined) return
      if (this.#calls === 0 && !keepalive.withoutCalls) return
      late = setTimeout(() => session.destroy(SILENT), timerMs(keepalive.timeoutMs))
      session.ping(() => {
        clearTimeout(late)
        late = undefined
      })
    }, timerMs(keepalive.timeMs)).unref()
    session.on('close', () => {
      clearInterval(timer)
      clearTimeout(late)
    })
  }
}

/** The socket keeps what the server has said at once. */
async function connectThrough(proxy: URL, address: Address): Promise<net.Socket> {
  if (!isSocks(proxy) || 'path' in address) return tunnel(proxy, addressText(address))
  const { eagerSocksConnection } = await import('./socks_connection.ts')
  return eagerSocksConnection(proxy, address.host, address.port)
}

const SILENT = new Error('no sign of life within keepalive::timeout')

const hostOf = (authority: string): string => authority.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')

function settled(socket: net.Socket, event: 'connect' | 'secureConnect'): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      socket.destroy(new Error(`no connection within ${CONNECT_TIMEOUT_MS / 1000}s`))
    }, CONNECT_TIMEOUT_MS)
    socket.once(event, () => {
      clearTimeout(timer)
      socket.off('error', onError)
      resolve()
    })
    const onError = (error: Error) => {
      clearTimeout(timer)
      reject(error)
    }
    socket.on('error', onError)
  })
}
