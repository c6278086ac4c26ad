import { setEpoch } from '../../bpf/events.gen.ts'
import { bootNow, readClocks, setLog } from '../../native/system.ts'
import type { Context } from '../../pipeline/component.ts'
import { Clock } from './clock.ts'
import { CostsMeter } from './costs/costs_meter.ts'
import type { ServiceCost, ToldCosts } from './costs/service_costs.ts'
import { Counters } from './counters.ts'
import { Descriptions } from './discovery/description.ts'
import { fillListeners } from './discovery/listeners.ts'
import type { Process } from './discovery/process.ts'
import type { Selection } from './discovery/selection.ts'
import { BUFFER_BYTES, Drain } from './drain.ts'
import { Explainer, reasonsOf } from './explain/explainer.ts'
import { liveFacts, openConnections } from './explain/live_facts.ts'
import type { Explanation } from './explain/report.ts'
import { Tail } from './explain/tail.ts'
import { openTraffic } from './explain/traffic.ts'
import { Kernel } from './kernel.ts'
import { KubernetesPods } from './kubernetes/pods.ts'
import { type Live, makeLive } from './live.ts'
import type { EbpfOptions } from './options.ts'
import { Outputs } from './outputs.ts'
import { OwnSockets } from './own_sockets.ts'
import { PendingSpans } from './pending_spans.ts'
import { Report } from './report.ts'
import { Resources } from './resources.ts'
import { AllRoutes } from './routes/routes.ts'
import { Services } from './services.ts'
import { ReceiverHost } from './source_host.ts'
import { Sources } from './sources/sources.ts'

/** At the end: with nobody writing any more, rings of 512 MiB each are read by then. */
const MAX_LAST_READS = 1024

/**
 * Spans go on as a batch when so much time has passed or so many are there, not after each drain: with few in each, the way of a
 * batch through the pipeline costs more than they do. A span still leaves within 100 ms of the last byte.
 */
const FLUSH_NS = 25e6
const FLUSH_BYTES = 256 << 10

/** Of one ring: what a drain gives at most where idle intervals do. Eight times as much may come before the next one. */
const SLOW_SHARE = 1 / 8

/** One run of the receiver, from loading to detaching. */
export class Session {
  /** Spans as they leave. */
  readonly tail = new Tail()
  readonly outputs: Outputs
  readonly #ctx: Context
  readonly #options: EbpfOptions
  readonly #clock = new Clock(readClocks, bootNow)
  readonly #descriptions = new Descriptions()
  readonly #services: Services
  readonly #pods: KubernetesPods
  readonly #counters = new Counters()
  readonly #ownSockets = new OwnSockets()
  readonly #kernel: Kernel
  readonly #host: ReceiverHost
  readonly #sources: Sources
  readonly #spans: PendingSpans
  readonly #report: Report
  readonly #drain: Drain
  /** What there is only once the kernel side is loaded. */
  #live: Live | undefined
  #timer: NodeJS.Timeout | undefined
  #flushedNs = 0
  /** What was written until then has been read. */
  #readNs = 0
  #endMeter: () => void = () => undefined

  constructor(ctx: Context, options: EbpfOptions) {
    this.#ctx = ctx
    this.#options = options
    const { kubernetes } = options
    const routes = new AllRoutes(options.routes)
    this.#services = new Services(this.#descriptions, routes, kubernetes.resource_labels)
    this.#pods = new KubernetesPods({
      ctx,
      config: kubernetes,
      onChange: (isOf) => this.#watch(this.#live?.processes.podsChanged(isOf)),
      onRefused: () => this.#watch(this.#live?.processes.settle(Number.POSITIVE_INFINITY)),
    })
    const { version } = options
    const scope = { name: 'weir', version, attributes: [], droppedAttributesCount: 0 }
    const resources = new Resources({
      clock: this.#clock,
      services: this.#services,
      clusterName: kubernetes.cluster_name,
      version,
    })
    const resourceOf = resources.of.bind(resources)
    this.#spans = new PendingSpans(scope, resourceOf)
    this.outputs = new Outputs({
      metrics: options.metrics,
      scope,
      counters: this.#counters,
      resourceOf,
      onError: (error) => this.#report.error('pipeline', error),
    })
    this.#report = new Report(ctx, this.#counters, this.outputs.delivery)
    this.#drain = new Drain((error) => this.#report.error('record', error))
    this.#kernel = new Kernel(options.kernel)
    const table = () => this.#live?.processes
    const settled = () => this.#sources.ready()
    this.#host = new ReceiverHost(ctx.log, this.#counters, this.#kernel, table, settled)
    this.#sources = new Sources(this.#kernel, options, this.#host)
    setLog('warn', (_, message) => ctx.log.debug(`libbpf: ${message.trimEnd()}`))
    ctx.gauge('tls_connections', () => this.#live?.connections.tls.size ?? 0)
    ctx.gauge('connections', () => this.#live?.connections.size ?? 0)
    ctx.gauge('processes', () => this.#live?.processes.size ?? 0)
    ctx.gauge('ring_pending_bytes', () => this.#live?.rings.reader.pendingBytes() ?? 0)
    ctx.gauge('features_missing', () => this.#sources.degraded().length)
  }

  /** Hands on what has been seen so far. */
  catchUp(): void {
    const live = this.#live
    if (live === undefined) return
    this.#readAll(live)
    this.#flush(live)
  }

  /** Loads, attaches and begins to drain. Throws when nothing can be seen at all; then `detach` it. */
  start(): void {
    setEpoch(this.#clock.epochBootNs)
    this.#ownSockets.start()
    this.#sources.startProcesses()
    this.#pods.follow(this.#options.selection.podNeeds)
    const live = makeLive({
      options: this.#options,
      kernel: this.#kernel,
      sources: this.#sources,
      host: this.#host,
      clock: this.#clock,
      counters: this.#counters,
      spans: this.#spans,
      outputs: this.outputs,
      services: this.#services,
      descriptions: this.#descriptions,
      ownSockets: this.#ownSockets,
      pods: this.#pods,
    })
    this.#live = live
    const meter = new CostsMeter(this.#ctx)
    // Records of processes wait in their ring meanwhile, so nobody is missed in between.
    const listeners = live.processes.scan()
    fillListeners(this.#kernel.map('listeners'), listeners)
    this.#sources.startOthers()
    this.#report.start(live.stats, this.#sources, live.connections)
    this.#endMeter = this.#ctx.beforeLook(() => meter.publish(this.serviceCosts() ?? []))
    this.#tick()
  }

  /** Settles when everything that `start` began is attached. */
  ready(): Promise<void> {
    return this.#sources.ready()
  }

  /** What is known of processes, for `weir explain`; undefined before `start`. */
  async explain(word: string): Promise<Explanation | undefined> {
    const live = this.#live
    if (live === undefined) return undefined
    const explainer = new Explainer(this.#options.version, live.processes, this.#services)
    const agent = {
      pid: process.pid,
      hooks: this.#sources.hooks ?? '',
      books: this.#report.books(),
      reasons: reasonsOf(this.#counters.list()),
      missing: this.#sources.degraded().map(({ feature, cause }) => `${feature}: ${cause}`),
      ended: this.#host.ended.list(),
      probeTraps: live.costs.traps,
      kubernetes: this.#pods.state,
    }
    return explainer.explain(word, liveFacts(agent, this.#sources, this.#kernel, live))
  }

  /** What each service has moved, lost and paid; undefined before `start`. */
  serviceCosts(): readonly ServiceCost[] | undefined {
    return this.#live?.costs.byService(this.#live.processes.remembered())
  }

  /** The same with what open connections have moved: for who looks, since it reads the kernel's table. */
  costsNow(): ToldCosts | undefined {
    const live = this.#live
    if (live === undefined) return undefined
    const open = openTraffic(openConnections(this.#kernel, live.connections))
    const services = live.costs.byService(live.processes.remembered(), open)
    return { books: this.#report.books(), services }
  }

  /** Watches other processes from now on. What is attached stays: which process is watched, the kernel looks up. */
  select(selection: Selection): void {
    this.#pods.follow(selection.podNeeds)
    this.#watch(this.#live?.processes.select(selection))
  }

  /** They have come to be watched. */
  #watch(processes: readonly Process[] | undefined): void {
    if (processes !== undefined) this.#sources.watch(processes)
  }

  /** Takes the programs out of the kernel. Safe twice. */
  detach(): void {
    clearTimeout(this.#timer)
    this.#endMeter()
    this.#ownSockets.stop()
    this.#sources.stop()
    this.#kernel.close()
  }

  /** Detaches, reads what is left in the rings, and hands on the last spans until `deadline`. */
  async close(deadline: AbortSignal): Promise<void> {
    clearTimeout(this.#timer)
    const live = this.#live
    this.#live = undefined
    if (live !== undefined) {
      this.#sources.stopOthers()
      this.#readAll(live)
      live.connections.close()
      live.datagrams.close()
      live.processes.settle(Number.POSITIVE_INFINITY)
      this.#flush(live)
    }
    await Promise.all([
      this.outputs.stopTracing(deadline),
      this.outputs.stopMeasuring(),
      this.#pods.stop(),
    ])
    this.#report.stop()
    this.detach()
    live?.rings.reader.close()
    live?.processRing.reader.close()
  }

  readonly #tick = (): void => {
    const live = this.#live
    if (live === undefined) return
    let bytes = 0
    try {
      bytes = this.#read(live)
    } catch (error) {
      this.#report.error('drain', error)
    }
    this.#timer = setTimeout(this.#tick, this.#untilNextMs(live, bytes))
  }

  /** Each drain costs what some exchanges do, so rings that fill slowly are read less often. Who waits for counters is not kept waiting. */
  #untilNextMs({ connections }: Live, bytes: number): number {
    if (bytes > BUFFER_BYTES / 2) return 0
    const { busyIntervalMs, idleIntervalMs, kernel } = this.#options
    const fillsSlowly = bytes <= (SLOW_SHARE * kernel.ringBytes) / kernel.rings
    const waits = this.#spans.bytes > 0 || connections.awaiting.size > 0
    return fillsSlowly && !waits ? idleIntervalMs : busyIntervalMs
  }

  /** Reads what one buffer takes. Returns the bytes that connections gave. */
  #read(live: Live): number {
    this.#clock.update()
    this.#drain.read(live.processRing)
    // Before the rings are read: what was written a while before this has been read by the time that counters are looked at.
    const nowNs = this.#clock.nowNs()
    const bytes = this.#drain.read(live.rings)
    const isAll = bytes <= BUFFER_BYTES / 2
    if (isAll) this.#readNs = nowNs
    if (isAll) live.progress.run(live.connections, nowNs)
    live.datagrams.settle(nowNs, isAll)
    // Again: whoever gave the records just read has been executed before, so its name is in the ring by now.
    this.#drain.read(live.processRing)
    if (this.#spans.bytes >= FLUSH_BYTES || nowNs - this.#flushedNs >= FLUSH_NS) {
      this.#flushedNs = nowNs
      this.#flush(live)
    }
    this.#watch(live.processes.tidy(this.#readNs))
    live.probeLimit.look(nowNs)
    live.lostRecords.look(nowNs)
    return bytes
  }

  /** Until the rings are empty. */
  #readAll(live: Live): void {
    for (let i = 0; i < MAX_LAST_READS && this.#read(live) > 0; i++);
  }

  #flush(live: Live): void {
    const find = (tgid: number) => live.processes.judged(tgid)
    this.outputs.recorder?.settle(find)
    const batch = this.#spans.take(find, {
      dropped: (tgid, reason, spans) => {
        this.#counters.add(reason, spans)
        live.costs.books.dropped(tgid, reason, spans)
      },
    })
    if (batch === undefined) return
    this.tail.send(batch)
    this.outputs.delivery.send(batch)
  }
}
