import type {
  Admission,
  Component,
  Consumer,
  Context,
  Extension,
  Instance,
  LifecycleStatus,
  Logger,
} from './component.ts'
import type { NodePlan } from './graph_plan.ts'
import type { Intake } from './intake.ts'
import { EntryPort, fanOut, JunctionPort, Port } from './node.ts'
import { observeItems, observeReceiver, traceReceiver } from './observe.ts'
import { meterOf } from './telemetry/component_meter.ts'
import type { Counters } from './telemetry/counters.ts'
import { describe, withFields } from './telemetry/logger.ts'
import type { StartSpan, WatchSpans } from './telemetry/spans.ts'

/** What the graph needs from the process around it. */
export interface Host {
  readonly log: Logger
  readonly counters: Counters
  /** Milliseconds, monotonic. */
  readonly now: () => number
  onStatus?(instance: Instance, status: LifecycleStatus): void
  /** Starts a span of weir's own. */
  readonly startSpan?: StartSpan
  readonly watchSpans?: WatchSpans
}

/** What a node needs to be built. */
export interface Surroundings {
  readonly host: Host
  readonly intake: Intake
  extension(id: string): Component | undefined
  status(instance: Instance, status: LifecycleStatus): void
}

export type AnyBatch = { readonly count: number }

/** A built component with its place in the graph. */
export class GraphNode {
  /** Changes only when the component took new settings. */
  plan: NodePlan
  running = false
  readonly component: Component
  /** Extensions that it has asked for: it cannot outlive them. */
  readonly uses = new Set<string>()
  /** What others send to it; absent of receivers and extensions. */
  readonly entrance: Consumer<AnyBatch> | undefined
  /** Where it sends to; absent of exporters and extensions. */
  readonly port: Port<AnyBatch> | undefined
  readonly #count: Context['count']
  readonly #startSpan: StartSpan

  /** Does no I/O. Nothing is behind its port before `connect`. */
  constructor(plan: NodePlan, around: Surroundings) {
    this.plan = plan
    const context = contextOf(plan, around, this.uses)
    this.#count = context.count
    this.#startSpan = context.startSpan
    this.port = portOf(plan, around.intake, this.#count)
    this.component = createOrExplain(plan, context, this.port ?? NOWHERE)
    this.entrance = isConsumer(this.component) ? this.#entranceTo(this.component) : undefined
  }

  #entranceTo(component: Consumer<AnyBatch>): Consumer<AnyBatch> {
    if (this.plan.kind !== 'processor') return component
    return observeItems(component, 'incoming_items', this.#count)
  }

  /** Points the port at the nodes that its plan names. */
  connect(nodes: ReadonlyMap<string, GraphNode>): void {
    const { kind, signal, outputs } = this.plan
    if (this.port === undefined || signal === undefined) return
    const next = fanOut(outputs.flatMap((key) => nodes.get(key)?.entrance ?? []))
    if (kind === 'receiver') {
      const observed = observeReceiver(next, signal, this.#count)
      this.port.target = traceReceiver(observed, this.plan.id, signal, this.#startSpan)
    } else if (kind === 'processor')
      this.port.target = observeItems(next, 'outgoing_items', this.#count)
    else this.port.target = next
    if (this.port instanceof JunctionPort) {
      for (const [pipeline, keys] of this.plan.begins ?? []) {
        this.port.connect(pipeline, fanOut(keys.flatMap((key) => nodes.get(key)?.entrance ?? [])))
      }
    }
    if (this.port instanceof EntryPort) this.port.limiters = limitersBehind(outputs, nodes)
  }
}

export const asExtension = ({ plan, component }: GraphNode): Extension | undefined =>
  plan.kind === 'extension' ? component : undefined

const NOWHERE: Consumer<AnyBatch> = { consume: () => Promise.resolve() }

const isConsumer = (component: Component): component is Component & Consumer<AnyBatch> =>
  'consume' in component

const isLimiter = (component: Component): component is Component & Admission =>
  'refusal' in component

/** Every memory limiter that a batch may come by, once each. */
function limitersBehind(
  outputs: readonly string[],
  nodes: ReadonlyMap<string, GraphNode>,
): readonly Admission[] {
  const reached = new Set<string>()
  const visit = (key: string) => {
    if (reached.has(key)) return
    reached.add(key)
    nodes.get(key)?.plan.outputs.forEach(visit)
  }
  outputs.forEach(visit)
  const components = [...reached].flatMap((key) => nodes.get(key)?.component ?? [])
  return components.filter(isLimiter)
}

function portOf(
  { kind, begins }: NodePlan,
  intake: Intake,
  count: Context['count'],
): Port<AnyBatch> | undefined {
  if (kind === 'exporter' || kind === 'extension') return undefined
  if (kind === 'connector') return new JunctionPort(NOWHERE, begins?.keys() ?? [])
  if (kind !== 'receiver') return new Port(NOWHERE)
  return new EntryPort(NOWHERE, intake, () => count('refused_requests_memory', 1))
}

/** A component that its settings, each good by itself, do not make. */
export class BuildError extends Error {
  readonly code = 'NOT_BUILT'
  readonly instance: Instance
  constructor(instance: Instance, cause: unknown) {
    const { kind, id, signal } = instance
    const what = signal === undefined ? '' : ` for data type "${signal}"`
    super(
      `failed to build pipelines: failed to create "${id}" ${kind}${what}: ${describe(cause)}`,
      {
        cause,
      },
    )
    this.name = 'BuildError'
    this.instance = instance
  }
}

function createOrExplain(plan: NodePlan, context: Context, next: Consumer<AnyBatch>): Component {
  try {
    return create(plan, context, next)
  } catch (cause) {
    throw new BuildError(plan, cause)
  }
}

function create(plan: NodePlan, context: Context, next: Consumer<AnyBatch>): Component {
  const { factory, config, signal = 'traces', makes = 'traces' } = plan
  const component = (() => {
    switch (factory.kind) {
      case 'extension':
        return factory.create(context, config)
      case 'exporter':
        return factory.create[signal]?.(context, config)
      case 'connector':
        return factory.create[`${signal}->${makes}`]?.(context, config, next)
      case 'receiver':
      case 'processor':
        return factory.create[signal]?.(context, config, next)
    }
  })()
  if (component === undefined) throw new Error(`${plan.kind} "${plan.id}" has no ${signal}`)
  return component
}

function contextOf(instance: Instance, around: Surroundings, uses: Set<string>): Context {
  const { kind, id, signal, pipeline } = instance
  const { host } = around
  return {
    id,
    log: withFields(host.log, {
      'otelcol.component.id': id,
      'otelcol.component.kind': kind,
      ...(signal && { 'otelcol.signal': signal }),
      ...(pipeline && { 'otelcol.pipeline.id': pipeline }),
    }),
    now: host.now,
    ...meterOf(instance, host.counters),
    startSpan: (...span) => host.startSpan?.(...span),
    watchSpans: (see) => host.watchSpans?.(see) ?? (() => undefined),
    extension: (other) => {
      uses.add(other)
      return around.extension(other)
    },
    status: (status) => around.status(instance, status),
  }
}
