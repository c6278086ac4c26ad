import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'
import { type Consumer, type Context, RefusedError } from '../../pipeline/component.ts'
import type { TraceBatch } from '../../pipeline/data/batch.ts'
import { parseHostPort } from '../../pipeline/net/host_port.ts'
import { limitedLog } from '../../pipeline/telemetry/limited_log.ts'
import type { UdpConfig } from './config.ts'
import { JaegerFault } from './model.ts'

type Read = (bytes: Buffer) => TraceBatch

/** Takes spans by packets. Nobody is told what became of them: what cannot be taken is dropped, and counted. */
export class UdpServer {
  readonly #ctx: Context
  readonly #config: UdpConfig
  readonly #next: Consumer<TraceBatch>
  readonly #read: Read
  readonly #log
  readonly #waiting: { readonly bytes: Buffer; readonly address: string }[] = []
  #active = 0
  #socket: Socket | undefined
  #onIdle: (() => void) | undefined

  constructor(ctx: Context, config: UdpConfig, next: Consumer<TraceBatch>, read: Read) {
    this.#ctx = ctx
    this.#config = config
    this.#next = next
    this.#read = read
    this.#log = limitedLog(ctx.now)
  }

  /** The port that it listens on; 0 while it does not. */
  get port(): number {
    return this.#socket?.address().port ?? 0
  }

  async listen(): Promise<void> {
    const { endpoint, socket_buffer_size: bufferBytes } = this.#config
    const { host, port = 0 } = parseHostPort(endpoint) ?? {}
    const type = host === undefined || isIPv6(host) ? 'udp6' : 'udp4'
    const socket = createSocket({ type, ...(bufferBytes > 0 && { recvBufferSize: bufferBytes }) })
    socket.on('message', (bytes, { address }) => this.#add(bytes, address))
    socket.bind(port, host)
    try {
      await once(socket, 'listening')
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException
      throw new Error(`listen udp ${endpoint}: bind: ${code}`, { cause })
    }
    socket.on('error', (error) => this.#log(this.#ctx.log.warn, 'socket', error.message, {}))
    this.#socket = socket
  }

  /** Takes nothing more; what came is handed on until `deadline`. */
  async close(deadline: AbortSignal): Promise<void> {
    this.#socket?.close()
    this.#socket = undefined
    if (this.#active === 0) return
    const idle = new Promise<void>((resolve) => {
      this.#onIdle = resolve
    })
    const late = deadline.aborted ? Promise.resolve() : once(deadline, 'abort')
    await Promise.race([idle, late])
    if (this.#waiting.length > 0) this.#drop('shutdown', this.#waiting.splice(0).length)
  }

  #add(bytes: Buffer, address: string): void {
    if (bytes.length > this.#config.max_packet_size) this.#drop('packet_too_large', 1)
    else if (this.#active < this.#config.workers) void this.#work({ bytes, address })
    else if (this.#waiting.length >= this.#config.queue_size) this.#drop('queue_full', 1)
    else this.#waiting.push({ bytes, address })
  }

  async #work(first: { readonly bytes: Buffer; readonly address: string }): Promise<void> {
    this.#active += 1
    for (let packet = first; packet !== undefined; packet = this.#waiting.shift() as typeof first) {
      await this.#take(packet.bytes, packet.address)
    }
    this.#active -= 1
    if (this.#active === 0) this.#onIdle?.()
  }

  async #take(bytes: Buffer, address: string): Promise<void> {
    let release: (() => void) | undefined
    try {
      release = this.#next.admit?.(bytes.length)
      const batch = this.#read(bytes)
      if (batch.count > 0) await this.#next.consume(batch, { client: { address, metadata: NONE } })
    } catch (error) {
      if (error instanceof JaegerFault) this.#drop('packet_invalid', 1, error)
      else this.#drop(error instanceof RefusedError ? 'packet_refused' : 'packet_failed', 1, error)
    } finally {
      release?.()
    }
  }

  #drop(reason: string, packets: number, error?: unknown): void {
    this.#ctx.count(`dropped_${reason}`, packets)
    const fields = { reason, ...(error instanceof Error && { error: error.message }) }
    this.#log(this.#ctx.log.warn, reason, 'packets were dropped', fields)
  }
}

const NONE: ReadonlyMap<string, readonly string[]> = new Map()
