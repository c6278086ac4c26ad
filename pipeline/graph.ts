import type {
  BatchOf,
  Component,
  Consumer,
  Context,
  Instance,
  Kind,
  LifecycleStatus,
  Logger,
  Signal,
} from './component.ts'
import {
  type Configured,
  checkGraph,
  type GraphIssue,
  type PipelineConfig,
  type PipelineSpec,
  signalOf,
} from './graph_config.ts'
import { fanOut, Port } from './node.ts'
import { observeItems, observeReceiver } from './observe.ts'
import { meterOf } from './telemetry/component_meter.ts'
import type { Counters } from './telemetry/counters.ts'
import { describe, withFields } from './telemetry/logger.ts'

/** What the graph needs from the process around it. */
export interface Host {
  readonly log: Logger
  readonly counters: Counters
  /** Milliseconds, monotonic. */
  readonly now: () => number
  onStatus?(instance: Instance, status: LifecycleStatus): void
}

interface Node extends Instance {
  readonly component: Component
}

/** The configuration names components that cannot be built; `issues` says which and why. */
export class GraphError extends Error {
  readonly code = 'GRAPH_INVALID'
  readonly issues: readonly GraphIssue[]
  constructor(issues: readonly GraphIssue[]) {
    super(issues.map(({ path, message }) => `${path.join('::')}: ${message}`).join('\n'))
    this.name = 'GraphError'
    this.issues = issues
  }
}

/** The built components of a configuration, and the order in which they start and stop. */
export class Graph {
  readonly #host: Host
  readonly #nodes: readonly Node[]
  #started: Node[] = []

  /** Creates every component that a pipeline or `service::extensions` names. Throws `GraphError`; no I/O. */
  constructor(config: PipelineConfig, host: Host) {
    const errors = checkGraph(config).filter((issue) => issue.severity === 'error')
    if (errors.length > 0) throw new GraphError(errors)
    this.#host = host
    this.#nodes = new Builder(config, host).build()
  }

  /** Every component, in the order of starting. */
  get instances(): readonly Instance[] {
    return this.#nodes
  }

  /** Starts downstream first, receivers last. If one rejects, those that run are shut down and it rejects. */
  async start(deadline: AbortSignal): Promise<void> {
    for (const node of this.#nodes) {
      this.#host.onStatus?.(node, { kind: 'starting' })
      this.#started.push(node)
      try {
        await node.component.start()
      } catch (cause) {
        await this.shutdown(deadline)
        const what = node.kind === 'extension' ? 'start extensions' : 'start pipelines'
        throw new Error(
          `cannot ${what}: failed to start "${node.id}" ${node.kind}: ${describe(cause)}`,
          { cause },
        )
      }
      this.#host.onStatus?.(node, { kind: 'ok' })
    }
  }

  /** Stops receivers first. Resolves when all have stopped, or soon after `deadline`; never rejects. */
  async shutdown(deadline: AbortSignal): Promise<void> {
    const running = this.#started
    this.#started = []
    const grace = graceAfter(deadline)
    for (const node of running.reverse()) {
      this.#host.onStatus?.(node, { kind: 'stopping' })
      await this.#stop(node, deadline, grace.late)
      this.#host.onStatus?.(node, { kind: 'stopped' })
    }
    grace.cancel()
  }

  async #stop(node: Node, deadline: AbortSignal, late: Promise<typeof LATE>): Promise<void> {
    const fields = { kind: node.kind, id: node.id }
    try {
      const done = await Promise.race([node.component.shutdown(deadline), late])
      if (done === LATE) this.#host.log.error('Shutdown missed its deadline.', fields)
    } catch (error) {
      this.#host.log.error('Shutdown went wrong.', { ...fields, error })
    }
  }
}

const LATE = Symbol('late')
const GRACE_MS = 500 // for a component to give up by itself once the deadline has passed

/** `late` resolves when the deadline and its grace are over; until it is cancelled this keeps the process running. */
function graceAfter(deadline: AbortSignal): { late: Promise<typeof LATE>; cancel: () => void } {
  const { promise, resolve } = Promise.withResolvers<typeof LATE>()
  let timer: NodeJS.Timeout | undefined
  const begin = () => {
    timer = setTimeout(() => resolve(LATE), GRACE_MS)
  }
  if (deadline.aborted) begin()
  else deadline.addEventListener('abort', begin, { once: true })
  const cancel = () => {
    clearTimeout(timer)
    deadline.removeEventListener('abort', begin)
  }
  return { late: promise, cancel }
}

/** Builds from the end: what a component sends to exists before it does. */
class Builder {
  readonly #config: PipelineConfig
  readonly #host: Host
  readonly #extensions = new Map<string, Component>()
  readonly #nodes: Record<Kind, Node[]> = {
    extension: [],
    exporter: [],
    processor: [],
    connector: [],
    receiver: [],
  }

  constructor(config: PipelineConfig, host: Host) {
    this.#config = config
    this.#host = host
  }

  build(): readonly Node[] {
    for (const id of this.#config.service.extensions) this.#extension(id)
    this.#signal('traces')
    this.#signal('metrics')
    this.#signal('logs')
    this.#signal('profiles')
    const { extension, exporter, processor, receiver } = this.#nodes
    return [...extension, ...exporter, ...processor, ...receiver]
  }

  #extension(id: string): void {
    if (this.#extensions.has(id)) return
    const { factory, config } = configured(this.#config.extensions, id)
    const instance: Instance = { kind: 'extension', id }
    const component = factory.create(this.#context(instance), config)
    this.#extensions.set(id, component)
    this.#nodes.extension.push({ ...instance, component })
  }

  /** All pipelines of one signal: its exporters, then their processors, then its receivers. */
  #signal<S extends Signal>(signal: S): void {
    const specs = [...this.#config.pipelines].filter(([id]) => signalOf(id) === signal)
    const exporters = new Map<string, Consumer<BatchOf[S]>>()
    for (const id of distinct(specs, 'exporters')) exporters.set(id, this.#exporter(signal, id))
    const heads = new Map(
      specs.map(([id, spec]) => [id, this.#pipeline(signal, id, spec, exporters)] as const),
    )
    for (const id of distinct(specs, 'receivers')) {
      const using = specs.filter(([, spec]) => spec.receivers.includes(id))
      this.#receiver(
        signal,
        id,
        using.flatMap(([pipeline]) => heads.get(pipeline) ?? []),
      )
    }
  }

  #exporter<S extends Signal>(signal: S, id: string): Consumer<BatchOf[S]> {
    const { factory, config } = configured(this.#config.exporters, id)
    const instance: Instance = { kind: 'exporter', id, signal }
    const component = factory.create[signal]?.(this.#context(instance), config)
    if (component === undefined) throw new Error(`exporter "${id}" has no ${signal}`)
    this.#nodes.exporter.push({ ...instance, component })
    return component
  }

  /** The consumer at the beginning of a pipeline. */
  #pipeline<S extends Signal>(
    signal: S,
    pipeline: string,
    spec: PipelineSpec,
    exporters: ReadonlyMap<string, Consumer<BatchOf[S]>>,
  ): Consumer<BatchOf[S]> {
    const ends = [...new Set(spec.exporters)].flatMap((id) => exporters.get(id) ?? [])
    return spec.processors.reduceRight<Consumer<BatchOf[S]>>((next, id) => {
      const { factory, config } = configured(this.#config.processors, id)
      const instance: Instance = { kind: 'processor', id, signal, pipeline }
      const context = this.#context(instance)
      const port = new Port(observeItems(next, 'outgoing_items', context.count))
      const component = factory.create[signal]?.(context, config, port)
      if (component === undefined) throw new Error(`processor "${id}" has no ${signal}`)
      this.#nodes.processor.push({ ...instance, component })
      return observeItems(component, 'incoming_items', context.count)
    }, fanOut(ends))
  }

  #receiver<S extends Signal>(signal: S, id: string, heads: readonly Consumer<BatchOf[S]>[]): void {
    const { factory, config } = configured(this.#config.receivers, id)
    const instance: Instance = { kind: 'receiver', id, signal }
    const context = this.#context(instance)
    const port = new Port(observeReceiver(fanOut(heads), signal, context.count))
    const component = factory.create[signal]?.(context, config, port)
    if (component === undefined) throw new Error(`receiver "${id}" has no ${signal}`)
    this.#nodes.receiver.push({ ...instance, component })
  }

  #context(instance: Instance): Context {
    const { kind, id, signal, pipeline } = instance
    return {
      id,
      log: withFields(this.#host.log, {
        'otelcol.component.id': id,
        'otelcol.component.kind': kind,
        ...(signal && { 'otelcol.signal': signal }),
        ...(pipeline && { 'otelcol.pipeline.id': pipeline }),
      }),
      now: this.#host.now,
      ...meterOf(instance, this.#host.counters),
      extension: (other) => this.#extensions.get(other),
      status: (status) => this.#host.onStatus?.(instance, status),
    }
  }
}

const distinct = (
  specs: readonly (readonly [string, PipelineSpec])[],
  part: 'receivers' | 'exporters',
): ReadonlySet<string> => new Set(specs.flatMap(([, spec]) => spec[part]))

/** `checkGraph` has seen to it that the id is there. */
function configured<F>(section: ReadonlyMap<string, Configured<F>>, id: string): Configured<F> {
  const found = section.get(id)
  if (found === undefined) throw new Error(`"${id}" is not configured`)
  return found
}
