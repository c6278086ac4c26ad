import type { Factory, Instance, Pair, Signal } from './component.ts'
import { SIGNALS } from './component.ts'
import {
  type Configured,
  type PipelineConfig,
  type PipelineSpec,
  signalOf,
} from './graph_config.ts'

/** One component that a configuration asks for, before it is built. */
export interface NodePlan extends Instance {
  /** Its place in the graph: a later configuration that has the same key means the same component. */
  readonly key: string
  readonly factory: Factory
  /** What the schema made of its settings. Components of one id share this object. */
  readonly config: unknown
  /** What the settings were read from; as long as it is deep-equal the component is unchanged. */
  readonly source: unknown
  /** Keys of the nodes that it sends to. */
  readonly outputs: readonly string[]
  /** Of a connector: the same keys by the pipelines that it begins. */
  readonly begins?: ReadonlyMap<string, readonly string[]>
}

/** All components of a configuration that `checkGraph` has found good, in the order of starting: receivers last. */
export function planGraph(config: PipelineConfig): readonly NodePlan[] {
  return new Planner(config).plan()
}

export const extensionKey = (id: string): string => `extension ${id}`

class Planner {
  readonly #config: PipelineConfig
  /** In the order of starting: a node is added after all that it sends to. */
  readonly #plans = new Map<string, NodePlan>()
  readonly #beginnings = new Map<string, readonly string[]>()

  constructor(config: PipelineConfig) {
    this.#config = config
  }

  plan(): readonly NodePlan[] {
    for (const id of this.#config.service.extensions) this.#extension(id, [])
    for (const [id, spec] of this.#bySignal()) this.#enter(id, spec)
    for (const [id, spec] of this.#bySignal()) this.#receivers(id, spec)
    return [...this.#plans.values()]
  }

  #bySignal(): readonly (readonly [string, PipelineSpec])[] {
    return SIGNALS.flatMap((signal) => this.#pipelinesOf(signal))
  }

  #pipelinesOf(signal: Signal) {
    return [...this.#config.pipelines].filter(([id]) => signalOf(id) === signal)
  }

  /** After those that it depends on; `waiting` ends a circle of them. */
  #extension(id: string, waiting: readonly string[]): void {
    const found = this.#config.extensions.get(id)
    if (found === undefined || waiting.includes(id)) return
    const needed = found.factory.dependencies?.(found.config as never) ?? []
    for (const other of needed) {
      if (this.#config.service.extensions.includes(other)) this.#extension(other, [...waiting, id])
    }
    this.#add({ kind: 'extension', id }, extensionKey(id), found, [])
  }

  /** Plans a pipeline from its end. Gives the keys of the nodes at its beginning. */
  #enter(id: string, spec: PipelineSpec): readonly string[] {
    const known = this.#beginnings.get(id)
    if (known !== undefined) return known
    const signal = signalOf(id) as Signal
    const beginning = spec.processors.reduceRight<readonly string[]>(
      (outputs, processor) => {
        const instance: Instance = { kind: 'processor', id: processor, signal, pipeline: id }
        const found = configured(this.#config.processors, processor)
        return [this.#add(instance, `processor ${processor} ${id}`, found, outputs)]
      },
      this.#exits(signal, spec),
    )
    this.#beginnings.set(id, beginning)
    return beginning
  }

  #exits(signal: Signal, spec: PipelineSpec): readonly string[] {
    return [...new Set(spec.exporters)].flatMap((id) => {
      const exporter = this.#config.exporters.get(id)
      if (exporter === undefined) return this.#connectors(signal, id)
      return [this.#add({ kind: 'exporter', id, signal }, `exporter ${id} ${signal}`, exporter, [])]
    })
  }

  /** One for each signal that it can make of this one, where a pipeline waits for that. */
  #connectors(signal: Signal, id: string): readonly string[] {
    const found = configured(this.#config.connectors, id)
    return SIGNALS.flatMap((makes) => {
      const pair: Pair = `${signal}->${makes}`
      const fed = this.#pipelinesOf(makes).filter(([, spec]) => spec.receivers.includes(id))
      if (found.factory.create[pair] === undefined || fed.length === 0) return []
      const begins = new Map(fed.map(([name, spec]) => [name, this.#enter(name, spec)] as const))
      const instance = { kind: 'connector', id, signal, makes, begins } as const
      return [this.#add(instance, `connector ${id} ${pair}`, found, [...begins.values()].flat())]
    })
  }

  #receivers(pipeline: string, spec: PipelineSpec): void {
    const signal = signalOf(pipeline) as Signal
    for (const id of spec.receivers) {
      const found = this.#config.receivers.get(id)
      const key = `receiver ${id} ${signal}`
      if (found === undefined || this.#plans.has(key)) continue
      const fed = this.#pipelinesOf(signal).filter(([, other]) => other.receivers.includes(id))
      const outputs = fed.flatMap(([other, otherSpec]) => this.#enter(other, otherSpec))
      this.#add({ kind: 'receiver', id, signal }, key, found, outputs)
    }
  }

  #add(
    instance: Instance & Pick<NodePlan, 'begins'>,
    key: string,
    { factory, config, source }: Configured<Factory>,
    outputs: readonly string[],
  ): string {
    if (!this.#plans.has(key)) {
      this.#plans.set(key, { ...instance, key, factory, config, source: source ?? config, outputs })
    }
    return key
  }
}

/** `checkGraph` has seen to it that the id is there. */
function configured<F>(section: ReadonlyMap<string, Configured<F>>, id: string): Configured<F> {
  const found = section.get(id)
  if (found === undefined) throw new Error(`"${id}" is not configured`)
  return found
}
