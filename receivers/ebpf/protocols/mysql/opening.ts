import type { Direction } from '../../protocol.ts'
import { CAPABILITY, greetingOf, HANDSHAKE_BYTES, loginOf, TLS_REQUEST_BYTES } from './handshake.ts'
import { ERR, type MysqlPacket, OK, type PacketHead } from './packet.ts'
import type { MysqlSystem } from './servers.ts'

/** What a packet brought: a greeting, a request for TLS, who the client is, the first word on that. */
export type OpeningStep = 'greeting' | 'tls' | 'login' | 'talk' | 'authenticate'

/** Of a login with all that a client may tell of itself. */
const MAX_BYTES = 1 << 17
/** Of the server's yes or no, up to its status. */
const VERDICT_BYTES = 32

/** The start of a connection, up to the server's yes or no. Behind TLS it begins with the login. */
export class Opening {
  /** As the greeting says; undefined without one. */
  system: MysqlSystem | undefined
  /** Undefined when it is not known. */
  database: string | undefined
  compresses = false
  #capabilities = 0
  #isAsked = false

  /** Bytes of a packet that matter; fewer than 0: it cannot be. */
  wanted(direction: Direction, { seq, length, first }: PacketHead): number {
    if (this.#isAsked) return direction === 'response' && isVerdict(first) ? VERDICT_BYTES : 0
    const fits = direction === 'request' ? length >= TLS_REQUEST_BYTES : seq === 0
    return fits && length <= MAX_BYTES ? HANDSHAKE_BYTES : -1
  }

  /** Undefined if it makes no sense. */
  take(direction: Direction, packet: MysqlPacket): OpeningStep | undefined {
    if (direction === 'request') return this.#isAsked ? 'talk' : this.#onLogin(packet)
    if (this.#isAsked) return isVerdict(packet.first) ? 'authenticate' : 'talk'
    return this.#onGreeting(packet)
  }

  #onGreeting({ body, first }: MysqlPacket): OpeningStep | undefined {
    if (first === ERR) return 'talk' // no connection for this client
    const greeting = greetingOf(body)
    if (greeting === undefined || this.system !== undefined) return undefined
    this.system = greeting.mariadb ? 'mariadb' : 'mysql'
    this.#capabilities = greeting.capabilities
    return 'greeting'
  }

  #onLogin({ body, length }: MysqlPacket): OpeningStep | undefined {
    const login = loginOf(body)
    if (login === undefined) return undefined
    if (length === TLS_REQUEST_BYTES) return login.capabilities & CAPABILITY.tls ? 'tls' : undefined
    const both =
      this.system === undefined ? login.capabilities : this.#capabilities & login.capabilities
    this.compresses = (both & (CAPABILITY.compress | CAPABILITY.zstd)) !== 0
    this.database = login.database
    this.#isAsked = true
    return 'login'
  }
}

const isVerdict = (first: number) => first === OK || first === ERR
