import { isDeepStrictEqual } from 'node:util'
import { checkGraph } from './check_graph.ts'
import type { Instance, LifecycleStatus } from './component.ts'
import type { GraphIssue, PipelineConfig } from './graph_config.ts'
import { asExtension, GraphNode, type Host, type Surroundings } from './graph_node.ts'
import { extensionKey, type NodePlan, planGraph } from './graph_plan.ts'
import { Intake } from './intake.ts'
import { graceAfter, startNode, stopNode } from './lifecycle.ts'
import { holdListeners } from './net/listener.ts'
import { describe } from './telemetry/logger.ts'

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

/** How long a reload waits for batches on their way to a component that goes, before it goes all the same. */
const QUIET_MS = 1000

type Nodes = Map<string, GraphNode>

/** What a reload left alone and what it did not. */
export interface Replaced {
  readonly kept: number
  readonly started: number
  readonly stopped: number
}

/** The built components of a configuration, and the order in which they start and stop. */
export class Graph {
  readonly #around: Omit<Surroundings, 'extension'>
  /** In the order of starting. */
  #nodes: Nodes
  #config: PipelineConfig

  /** Creates every component that a pipeline or `service::extensions` names. Throws `GraphError`; no I/O. */
  constructor(config: PipelineConfig, host: Host) {
    this.#around = {
      host,
      intake: new Intake(),
      status: (instance, status) => this.#onStatus(instance, status),
    }
    this.#config = config
    this.#nodes = new Map()
    this.#nodes = this.#build(planOf(config), new Map())
    for (const node of this.#nodes.values()) node.connect(this.#nodes)
  }

  /** Every component, in the order of starting. */
  get instances(): readonly Instance[] {
    return [...this.#nodes.values()].map((node) => node.plan)
  }

  /** Starts downstream first, receivers last. If one rejects, those that run are shut down and it rejects. */
  async start(deadline: AbortSignal): Promise<void> {
    this.#tellConfig()
    try {
      for (const node of this.#nodes.values()) await startNode(node, this.#around)
    } catch (error) {
      await this.shutdown(deadline)
      throw error
    }
    for (const node of this.#nodes.values()) asExtension(node)?.onReady?.()
  }

  /**
   * Puts another configuration in the place of the one that runs. What is unchanged lives on; what sends to a component that
   * is replaced waits meanwhile, so nothing is lost. Rejects with `NotReplacedError` if the new one does not start.
   */
  async replace(config: PipelineConfig, newDeadline: () => AbortSignal): Promise<Replaced> {
    const before = this.#config
    const plans = planOf(config)
    const release = holdListeners()
    try {
      return await this.#change(config, plans, newDeadline())
    } catch (cause) {
      const running = await this.#goBack(before, newDeadline)
      throw new NotReplacedError(cause, running)
    } finally {
      await release()
    }
  }

  async #goBack(config: PipelineConfig, newDeadline: () => AbortSignal): Promise<boolean> {
    try {
      await this.#change(config, planOf(config), newDeadline())
      return true
    } catch (error) {
      this.#around.host.log.error('The old configuration does not start again.', { error })
      await this.shutdown(newDeadline())
      return false
    }
  }

  async #change(
    config: PipelineConfig,
    plans: readonly NodePlan[],
    deadline: AbortSignal,
  ): Promise<Replaced> {
    const kept = await this.#keep(plans)
    const nodes = this.#build(plans, kept)
    const leaving = [...this.#nodes.values()].filter(({ plan }) => !kept.has(plan.key))
    await this.#stopAll(leaving.reverse(), [...kept.values()], deadline)
    this.#config = config
    this.#nodes = nodes
    for (const plan of plans) adopt(kept.get(plan.key), plan)
    this.#tellConfig()
    await this.#startAll()
    const started = nodes.size - kept.size
    return { kept: kept.size, started, stopped: leaving.length }
  }

  /** The nodes that run and have their place in `plans`: unchanged, or able to take their new settings. */
  async #keep(plans: readonly NodePlan[]): Promise<Nodes> {
    const kept: Nodes = new Map()
    for (const plan of plans) {
      const node = this.#nodes.get(plan.key)
      if (!node?.running || node.plan.factory !== plan.factory) continue
      const isSame = (id: string) =>
        kept.get(extensionKey(id)) === this.#nodes.get(extensionKey(id))
      if (![...node.uses].every(isSame)) continue
      if (isUnchanged(node.plan, plan)) kept.set(plan.key, node)
      else if (await node.component.reconfigure?.(plan.config)) {
        const { config, source } = plan
        node.plan = { ...node.plan, config, source }
        kept.set(plan.key, node)
      }
    }
    return kept
  }

  /** Creates what is not kept. Throws what a component throws; nothing has changed then. */
  #build(plans: readonly NodePlan[], kept: ReadonlyMap<string, GraphNode>): Nodes {
    const nodes: Nodes = new Map()
    const extension = (id: string) => nodes.get(extensionKey(id))?.component
    const siblings = [...kept.values()].map((node) => node.plan)
    for (const plan of plans) {
      const sibling = siblings.find(({ kind, id }) => kind === plan.kind && id === plan.id)
      const shared = sibling !== undefined && isUnchanged(sibling, plan) ? sibling : plan
      const fresh = () => new GraphNode({ ...plan, config: shared.config }, this.#with(extension))
      nodes.set(plan.key, kept.get(plan.key) ?? fresh())
    }
    return nodes
  }

  /**
   * Upstream first, so that each can flush into what is behind it; what stays and sends to it waits from then on.
   * Receivers all at once: those of one id may share a server, which must not answer for some of them only.
   */
  async #stopAll(
    leaving: readonly GraphNode[],
    kept: readonly GraphNode[],
    deadline: AbortSignal,
  ): Promise<void> {
    const quiet = AbortSignal.any([deadline, AbortSignal.timeout(QUIET_MS)])
    const grace = graceAfter(deadline)
    const isReceiver = ({ plan }: GraphNode) => plan.kind === 'receiver'
    await Promise.all(leaving.filter(isReceiver).map((one) => stopNode(one, this.#around, grace)))
    for (const node of leaving.filter((one) => !isReceiver(one))) {
      const senders = kept.filter(({ plan }) => plan.outputs.includes(node.plan.key))
      await Promise.all(senders.map(({ port }) => port?.pause(quiet)))
      await stopNode(node, this.#around, grace)
    }
    grace.cancel()
  }

  /** Receivers after all others are connected. */
  async #startAll(): Promise<void> {
    const nodes = [...this.#nodes.values()]
    const fresh = nodes.filter((node) => !node.running)
    for (const node of fresh) node.connect(this.#nodes)
    for (const node of fresh) {
      if (node.plan.kind !== 'receiver') await startNode(node, this.#around)
    }
    for (const node of nodes) {
      node.connect(this.#nodes)
      node.port?.resume()
    }
    for (const node of fresh) {
      if (node.plan.kind === 'receiver') await startNode(node, this.#around)
    }
    for (const node of fresh) asExtension(node)?.onReady?.()
  }

  /** Stops receivers first. Resolves when all have stopped, or soon after `deadline`; never rejects. */
  async shutdown(deadline: AbortSignal): Promise<void> {
    const nodes = [...this.#nodes.values()].reverse()
    if (nodes.some((node) => node.running)) {
      for (const node of nodes) asExtension(node)?.onNotReady?.()
    }
    const grace = graceAfter(deadline)
    for (const node of nodes) {
      node.port?.resume()
      await stopNode(node, this.#around, grace)
    }
    grace.cancel()
  }

  #with(extension: Surroundings['extension']): Surroundings {
    return { ...this.#around, extension }
  }

  #tellConfig(): void {
    for (const node of this.#nodes.values()) asExtension(node)?.onConfig?.(this.#config)
  }

  #onStatus(instance: Instance, status: LifecycleStatus): void {
    this.#around.host.onStatus?.(instance, status)
    for (const node of this.#nodes.values()) asExtension(node)?.onStatus?.(instance, status)
  }
}

/** The new configuration does not start, `cause` says why. If `running`, the old one does again; else nothing runs. */
export class NotReplacedError extends Error {
  readonly code = 'NOT_REPLACED'
  readonly running: boolean
  constructor(cause: unknown, running: boolean) {
    super(describe(cause), { cause })
    this.name = 'NotReplacedError'
    this.running = running
  }
}

function planOf(config: PipelineConfig): readonly NodePlan[] {
  const errors = checkGraph(config).filter((issue) => issue.severity === 'error')
  if (errors.length > 0) throw new GraphError(errors)
  return planGraph(config)
}

const isUnchanged = (before: NodePlan, now: NodePlan): boolean =>
  isDeepStrictEqual(before.source, now.source)

/** A kept node gets its new place; its settings are the object that it was made from. */
function adopt(node: GraphNode | undefined, plan: NodePlan): void {
  if (node !== undefined) node.plan = { ...plan, config: node.plan.config }
}
