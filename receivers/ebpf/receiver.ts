import type { HostLock } from '../../native/host_lock.ts'
import { releaseFilePages } from '../../native/system.ts'
import type { Component, Consumer, Context } from '../../pipeline/component.ts'
import type { MetricBatch, TraceBatch } from '../../pipeline/data/batch.ts'
import { messageOf } from '../../pipeline/message_of.ts'
import { NOTHING_TOLD } from './costs/service_costs.ts'
import type { Selection } from './discovery/selection.ts'
import { StatusSocket } from './explain/socket.ts'
import { lockHost } from './lock_host.ts'
import type { EbpfOptions } from './options.ts'
import { Session } from './session.ts'

/** By then what only the start needs has run: 40 MiB of Node's code are not used again. */
const SETTLED_MS = 10_000

/** Where the receiver of one signal sends to. */
type Part =
  | { readonly signal: 'traces'; readonly next: Consumer<TraceBatch> }
  | { readonly signal: 'metrics'; readonly next: Consumer<MetricBatch>; readonly ctx: Context }

/**
 * The `ebpf` receiver: one per host, whatever it is to make. Two agents would see the same exchanges twice, and each would trace
 * what the other sends.
 */
export class EbpfReceiver {
  readonly #ctx: Context
  readonly #options: EbpfOptions
  readonly #selectionOf: (config: unknown) => Selection | undefined
  readonly #running = new Set<Part['signal']>()
  #lock: HostLock | undefined
  #session: Session | undefined
  #settling: NodeJS.Timeout | undefined
  #socket: StatusSocket | undefined

  /** `selectionOf` gives what other settings select, or undefined if more than that is other. */
  constructor(
    ctx: Context,
    options: EbpfOptions,
    selectionOf: (config: unknown) => Selection | undefined = () => undefined,
  ) {
    this.#ctx = ctx
    this.#options = options
    this.#selectionOf = selectionOf
  }

  /** The receiver of one signal: the first that starts attaches, the last that stops detaches. */
  part(part: Part): Component {
    return {
      start: () => this.#start(part),
      shutdown: (deadline) => this.#stop(part.signal, deadline),
      reconfigure: (config) => this.#reconfigure(config),
    }
  }

  /** Rejects with an AgentError when another agent runs here, or when the kernel lets nothing be attached. */
  async #start(part: Part): Promise<void> {
    if (this.#running.has(part.signal)) return
    if (this.#session === undefined) await this.#open(part)
    else {
      connect(this.#session, part)
      this.#session.catchUp() // from now on the kernel sends what this signal wants
    }
    this.#running.add(part.signal)
  }

  async #open(part: Part): Promise<void> {
    this.#lock = lockHost()
    const session = new Session(this.#ctx, this.#options)
    try {
      connect(session, part)
      session.start()
      await session.ready()
    } catch (error) {
      session.detach()
      await session.outputs.stopMeasuring()
      this.#release()
      throw error
    }
    this.#session = session
    this.#settling = setTimeout(() => this.#settled(), SETTLED_MS).unref()
    await this.#answer()
  }

  /** Without the socket everything else works, and that is said. */
  async #answer(): Promise<void> {
    this.#socket = new StatusSocket(this.#options.socket, {
      '/v1/explain': async (query, response) => {
        const found = await this.#session?.explain(query.get('word') ?? 'all')
        response.writeHead(200, { 'content-type': 'application/json' })
        response.end(JSON.stringify(found))
      },
      '/v1/costs': (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' })
        response.end(JSON.stringify(this.#session?.costsNow() ?? NOTHING_TOLD))
      },
      '/v1/tail': (_, response) => this.#session?.tail.listen(response),
    })
    try {
      await this.#socket.start()
    } catch (error) {
      const cause = messageOf(error)
      this.#ctx.log.warn(`weir explain will not find this agent: ${cause}`)
    }
  }

  async #stop(signal: Part['signal'], deadline: AbortSignal): Promise<void> {
    if (!this.#running.delete(signal)) return
    if (this.#running.size === 0) return this.#close(deadline)
    this.#session?.catchUp()
    if (signal === 'traces') await this.#session?.outputs.stopTracing(deadline)
    else await this.#session?.outputs.stopMeasuring()
  }

  async #close(deadline: AbortSignal): Promise<void> {
    const session = this.#session
    this.#session = undefined
    clearTimeout(this.#settling)
    this.#socket?.stop()
    await session?.close(deadline)
    this.#release()
  }

  /** Takes other `discovery` settings in place: the probes stay, so no exchange is missed. */
  async #reconfigure(config: unknown): Promise<boolean> {
    const selection = this.#selectionOf(config)
    if (selection === undefined || this.#session === undefined) return false
    this.#session.select(selection)
    return true
  }

  /** A failure costs memory and nothing else. */
  #settled(): void {
    try {
      const bytes = releaseFilePages()
      this.#ctx.log.debug('gave back code that only the start needed', { bytes })
    } catch (error) {
      this.#ctx.log.debug('code that only the start needed stays in memory', { error })
    }
  }

  #release(): void {
    if (this.#lock?.held === true) this.#lock.release()
    this.#lock = undefined
  }
}

function connect({ outputs }: Session, part: Part): void {
  if (part.signal === 'traces') outputs.trace(part.next)
  else outputs.measure(part.ctx, part.next)
}
