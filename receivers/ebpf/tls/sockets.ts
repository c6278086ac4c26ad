import { ATTR_SERVER_ADDRESS, ATTR_SERVER_PORT } from '@opentelemetry/semantic-conventions'
import {
  ConnRole,
  chunk,
  connHead,
  Direction,
  exchange,
  RecordType,
  run,
} from '../../../bpf/events.gen.ts'
import { type Attribute, int, string } from '../../../pipeline/data/attributes.ts'
import { addressText } from '../address.ts'
import { isShown } from '../connection_state.ts'
import type { ProcessBooks } from '../costs/process_books.ts'
import type { Counters } from '../counters.ts'
import type { ProcessTable } from '../discovery/process_table.ts'
import { ATTR_TLS_LIBRARY, ATTR_TLS_OFFERED, TLS } from '../metrics/instruments.ts'
import type { Wanted } from '../outputs.ts'
import type { OwnSockets } from '../own_sockets.ts'
import type { ReasonName } from '../reasons.ts'
import type { Records } from '../records.ts'
import type { Role } from '../role.ts'
import { ATTR_TLS_NEXT_PROTOCOL, ATTR_TLS_PROTOCOL_VERSION } from '../semconv.ts'
import { type Hello, readHello } from './hello.ts'
import type { UnreadLibraries } from './unread_library.ts'

export interface TlsSocketsOptions {
  /** Sockets at once; the oldest goes first. */
  readonly max: number
  readonly counters: Counters
  readonly books: ProcessBooks
  readonly ownSockets: OwnSockets
  readonly processes: Pick<ProcessTable, 'find'>
  readonly wanted: Wanted
  readonly libraries: Pick<UnreadLibraries, 'meet' | 'of'>
}

/** What both sides of a connection said in the clear. */
export interface Handshake {
  readonly client: Hello | undefined
  readonly server: Hello | undefined
}

interface Socket {
  readonly role: Role
  readonly tgid: number
  readonly localAddress: string
  readonly localPort: number
  readonly peerAddress: string
  readonly peerPort: number
  readonly firstNs: number
  /** What has come so far of hellos that are not whole yet. */
  request: Buffer
  response: Buffer
  client: Hello | undefined
  server: Hello | undefined
}

/** What is kept of a hello: the kernel sends no more of it. */
const HELLO_MAX = 4096
const EMPTY = Buffer.alloc(0)

/**
 * TCP connections that carry TLS: who, with whom, how long, how much, and what their hellos say. One that a library showed the
 * plaintext of is counted there; of the others this is all that there is, and they are measured when they end.
 */
export class TlsSockets {
  readonly #options: TlsSocketsOptions
  readonly #sockets = new Map<number, Socket>()

  constructor(options: TlsSocketsOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#sockets.size
  }

  /** Of an open connection; undefined if nothing is known of it. */
  handshakeOf(id: number): Handshake | undefined {
    return this.#sockets.get(id)
  }

  /** One record of a socket, whose type and length were checked. */
  record(from: Records, at: number, length: number): void {
    const { view } = from
    const id = connHead.connId(view, at)
    if (connHead.type(view, at) === RecordType.END) {
      const socket = this.#sockets.get(id)
      this.#sockets.delete(id)
      if (!isShown(view, at)) this.#ended(socket, from, at)
    } else if (connHead.type(view, at) === RecordType.CHUNK) {
      const socket = this.#sockets.get(id) ?? this.#open(id, from, at)
      hear(socket, from, at, length)
    }
  }

  #count(tgid: number, reason: ReasonName): void {
    this.#options.counters.add(reason)
    this.#options.books.count(tgid, reason, 1)
  }

  #open(id: number, { bytes, view }: Records, at: number): Socket {
    this.#count(connHead.tgid(view, at), 'tls_ciphertext')
    if (this.#sockets.size >= this.#options.max) {
      const oldest = this.#sockets.keys().next().value
      if (oldest !== undefined) this.#sockets.delete(oldest)
    }
    const socket: Socket = {
      role: connHead.role(view, at) === ConnRole.CLIENT ? 'client' : 'server',
      tgid: connHead.tgid(view, at),
      localAddress: addressText(bytes, at + connHead.localAddr),
      localPort: connHead.localPort(view, at),
      peerAddress: addressText(bytes, at + connHead.peerAddr),
      peerPort: connHead.peerPort(view, at),
      firstNs: run.firstNs(view, at + chunk.run),
      request: EMPTY,
      response: EMPTY,
      client: undefined,
      server: undefined,
    }
    this.#sockets.set(id, socket)
    const known = this.#options.processes.find(socket.tgid)
    if (known?.decision.selected === true) this.#options.libraries.meet(known.process)
    return socket
  }

  #ended(socket: Socket | undefined, { view }: Records, at: number): void {
    if (socket === undefined) return
    const { processes, ownSockets, wanted, libraries } = this.#options
    const { role, tgid, localAddress, localPort, peerAddress, peerPort } = socket
    const known = processes.find(tgid)
    if (known?.decision.selected === false) return
    if (ownSockets.isPeer(localAddress, localPort, peerAddress, peerPort)) return
    this.#count(tgid, 'tls_unread')
    const request = run.bytes(view, at + exchange.request)
    const response = run.bytes(view, at + exchange.response)
    this.#options.books.unread(tgid, request + response)
    const { recorder } = wanted
    if (recorder === undefined) return
    const attributes = attributesOf(socket, known === undefined ? '' : libraries.of(known.process))
    recorder.add(
      recorder.labels.of(TLS[role], attributes),
      tgid,
      Math.max(0, connHead.timeNs(view, at) - socket.firstNs) / 1e9,
      request,
      response,
      undefined,
    )
  }
}

/** Takes what a chunk captured of a hello, until that is whole. */
function hear(socket: Socket, { bytes, view }: Records, at: number, length: number): void {
  const captured = run.captured(view, at + chunk.run)
  const data = at + chunk.size
  const fresh = bytes.subarray(data, Math.min(data + captured, at + length))
  if (fresh.length === 0) return
  const incoming = chunk.direction(view, at) === Direction.IN
  const isRequest = incoming === (socket.role === 'server')
  const known = isRequest ? socket.client : socket.server
  if (known?.whole === true) return
  const before = isRequest ? socket.request : socket.response
  const all = Buffer.concat([before, fresh]).subarray(0, HELLO_MAX)
  const hello = readHello(all)
  const rest = hello?.whole === true || all.length === HELLO_MAX ? EMPTY : all
  if (isRequest) {
    socket.request = rest
    if (hello?.from === 'client') socket.client = hello
  } else {
    socket.response = rest
    socket.request = EMPTY
    if (hello?.from === 'server') socket.server = hello
  }
}

/** As the instruments want them: of servers nothing that any client may choose. */
function attributesOf(socket: Socket, library: string): Attribute[] {
  const { role, client, server, peerAddress, peerPort } = socket
  const found = [string(ATTR_TLS_LIBRARY, library === '' ? 'unknown' : library)]
  const chosen = server?.protocols[0]
  if (server !== undefined) found.push(string(ATTR_TLS_PROTOCOL_VERSION, server.version))
  if (chosen !== undefined) found.push(string(ATTR_TLS_NEXT_PROTOCOL, chosen))
  if (role === 'server') return found
  const address = client === undefined || client.serverName === '' ? peerAddress : client.serverName
  found.push(string(ATTR_SERVER_ADDRESS, address))
  found.push(int(ATTR_SERVER_PORT, peerPort))
  if (client !== undefined && client.protocols.length > 0)
    found.push(string(ATTR_TLS_OFFERED, client.protocols.join(',')))
  return found
}

/** In words, as `weir explain` shows a kind of connections. */
export function handshakeText({ client, server }: Handshake): string {
  const version = server?.version ?? ''
  const chosen = server?.protocols[0]
  const offered = client?.protocols.join(', ') ?? ''
  return [
    client === undefined || client.serverName === '' ? '' : `for ${client.serverName}`,
    version === '' ? '' : `TLS ${version}`,
    chosen === undefined ? (offered === '' ? '' : `offers ${offered}`) : `speaks ${chosen}`,
  ]
    .filter((one) => one !== '')
    .join(', ')
}
