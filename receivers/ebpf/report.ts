import type { Context } from '../../pipeline/component.ts'
import { messageOf } from '../../pipeline/message_of.ts'
import { account, accountLine } from './accounting.ts'
import type { Connections } from './connections.ts'
import { ALL_REASONS, type Counters } from './counters.ts'
import type { Delivery } from './delivery.ts'
import { KERNEL_STATS, type KernelStats } from './kernel_stats.ts'
import type { Sources } from './sources/sources.ts'

const REPORT_MS = 60_000

type Records = Pick<Connections, 'pairedInKernel' | 'records'>
type Stats = Pick<KernelStats, 'read'>
type Hooks = Pick<Sources, 'degraded' | 'hooks'>
const { LOST_CHUNK, LOST_DATAGRAM, LOST_END, LOST_EXCHANGE, LOST_REQUEST } = KERNEL_STATS
/** What the rings of connections had no room for. */
const RING_FULL = [LOST_CHUNK, LOST_DATAGRAM, LOST_END, LOST_EXCHANGE, LOST_REQUEST]
const PREFIX = { lost: 'dropped_', skipped: 'skipped_', note: 'noted_' } as const

/** Tells the operator where everything went: each minute, at exit, and when something new is wrong. */
export class Report {
  readonly #ctx: Context
  readonly #counters: Counters
  readonly #delivery: Delivery
  readonly #told = new Set<string>()
  readonly #published = new Map<string, number>()
  readonly #errors = new Map<string, number>()
  /** Records that full rings refused, as of the last minute. */
  #ringFull = 0
  #stats: Stats | undefined
  #sources: Hooks | undefined
  #connections: Records | undefined
  #timer: NodeJS.Timeout | undefined
  #endLooks: () => void = () => undefined

  constructor(ctx: Context, counters: Counters, delivery: Delivery) {
    this.#ctx = ctx
    this.#counters = counters
    this.#delivery = delivery
  }

  start(stats: Stats, sources: Hooks, connections: Records): void {
    this.#stats = stats
    this.#sources = sources
    this.#connections = connections
    this.#tellDegraded()
    this.#endLooks = this.#ctx.beforeLook(() => {
      this.#readKernel()
      this.#countRecords()
      this.#publish()
    })
    this.#timer = setInterval(() => this.#minute(), REPORT_MS).unref()
  }

  /** Says the last line. The kernel's counters must still be there. */
  stop(): void {
    if (this.#timer === undefined) return
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#endLooks()
    this.#minute()
  }

  /** An error that should not be: told at most once a minute for each place and message. */
  error(place: string, error: unknown): void {
    const message = `${place}: ${messageOf(error)}`
    const times = (this.#errors.get(message) ?? 0) + 1
    this.#errors.set(message, times)
    if (times === 1) this.#ctx.log.error(message, { error })
  }

  /** The line of the minute, now. */
  books(): string {
    this.#readKernel()
    return accountLine(account(this.#counters, this.#delivery), this.#counters)
  }

  #readKernel(): void {
    for (const [name, count] of this.#stats?.read() ?? []) this.#counters.set(name, count)
  }

  #countRecords(): void {
    this.#counters.set('ring_record', this.#connections?.records ?? 0)
    this.#counters.set('paired_in_kernel', this.#connections?.pairedInKernel ?? 0)
  }

  #minute(): void {
    this.#readKernel()
    const books = account(this.#counters, this.#delivery)
    this.#countRecords()
    const kprobes = this.#sources?.hooks === 'kprobe'
    this.#ctx.log.info(`exchanges: ${accountLine(books, this.#counters, kprobes)}`, {
      ring_records: this.#counters.get('ring_record'),
      paired_in_kernel: this.#counters.get('paired_in_kernel'),
    })
    this.#publish()
    this.#tellDegraded()
    this.#tellFullRings()
    for (const [message, times] of this.#errors) {
      if (times > 1) this.#ctx.log.error(`${message} (${times} times in the last minute)`)
    }
    this.#errors.clear()
  }

  /** As counters of this component, by kind of reason. */
  #publish(): void {
    for (const [name, count] of this.#counters.list()) {
      this.#publishOne(PREFIX[ALL_REASONS[name]?.kind ?? 'note'] + name, count)
    }
    const { seen, exported } = account(this.#counters, this.#delivery)
    this.#publishOne('exchanges_seen', seen)
    this.#publishOne('exchanges_exported', exported)
  }

  /** What is `count` in all has grown by this since the last time. */
  #publishOne(name: string, count: number): void {
    const more = count - (this.#published.get(name) ?? 0)
    if (more <= 0) return
    this.#published.set(name, count)
    this.#ctx.count(name, more)
  }

  #tellFullRings(): void {
    const refused = RING_FULL.reduce((sum, { name }) => sum + this.#counters.get(name), 0)
    const more = refused - this.#ringFull
    this.#ringFull = refused
    if (more === 0) return
    this.#ctx.log.warn(`rings were full: ${more} records lost`, { hint: LOST_CHUNK.fix })
  }

  #tellDegraded(): void {
    for (const { feature, cause, fix } of this.#sources?.degraded() ?? []) {
      const message = `not available: ${feature}: ${cause}`
      if (this.#told.has(message)) continue
      this.#told.add(message)
      this.#ctx.log.warn(message, { hint: fix })
    }
  }
}
