import type {
  ConnectorFactory,
  ExporterFactory,
  ExtensionFactory,
  Factory,
  ProcessorFactory,
  ReceiverFactory,
} from '../pipeline/component.ts'

export interface FactoryOf {
  receiver: ReceiverFactory
  processor: ProcessorFactory
  exporter: ExporterFactory
  connector: ConnectorFactory
  extension: ExtensionFactory
}

export type Kind = keyof FactoryOf

export const KINDS: readonly Kind[] = [
  'receiver',
  'processor',
  'exporter',
  'extension',
  'connector',
]

/** A component that is loaded once a configuration names it: who does without it does without its memory. */
export interface Listed {
  readonly kind: Kind
  readonly type: string
  readonly aliases?: readonly string[]
  load(): Promise<Factory>
}

export interface Found<F> {
  readonly factory: F
  /** The name that should have been written, if the one that was is an old one. */
  readonly renamed?: string
}

const bare = (type: string): string => type.replaceAll('_', '')

/** The factories that a configuration may name. */
export class Registry {
  readonly #listed: readonly (Listed | Factory)[]
  readonly #loaded = new Map<Listed | Factory, Factory>()

  constructor(listed: readonly (Listed | Factory)[]) {
    this.#listed = listed
    for (const one of listed) if (!('load' in one)) this.#loaded.set(one, one)
  }

  /** Loads those among `names` that there are: before `find`. */
  async load(names: Iterable<readonly [kind: Kind, type: string]>): Promise<void> {
    const found = [...names].map(([kind, type]) => this.#named(kind, type))
    await this.#loadAll(found.filter((one) => one !== undefined))
  }

  /** Loads every one: before `all`. */
  loadAll(): Promise<void> {
    return this.#loadAll(this.#listed)
  }

  /** By type or alias; underscores may be missing or too many, as the Collector renamed most types by adding some. */
  find<K extends Kind>(kind: K, type: string): Found<FactoryOf[K]> | undefined {
    const one = this.#named(kind, type)
    if (one === undefined) return undefined
    const factory = this.#factoryOf(one) as FactoryOf[K]
    return one.type === type ? { factory } : { factory, renamed: one.type }
  }

  all<K extends Kind>(kind: K): readonly FactoryOf[K][] {
    return this.#ofKind(kind).map((one) => this.#factoryOf(one) as FactoryOf[K])
  }

  /** The types of one kind, in the order of the alphabet. */
  types(kind: Kind): readonly string[] {
    return this.#ofKind(kind)
      .map(({ type }) => type)
      .sort()
  }

  #ofKind(kind: Kind): readonly (Listed | Factory)[] {
    return this.#listed.filter((one) => one.kind === kind)
  }

  #named(kind: Kind, type: string): Listed | Factory | undefined {
    const all = this.#ofKind(kind)
    const isMeant = (known: string) => bare(known) === bare(type)
    return (
      all.find((one) => one.type === type) ??
      all.find((one) => [one.type, ...(one.aliases ?? [])].some(isMeant))
    )
  }

  async #loadAll(listed: readonly (Listed | Factory)[]): Promise<void> {
    await Promise.all(
      listed.map(async (one) => {
        if ('load' in one && !this.#loaded.has(one)) this.#loaded.set(one, await one.load())
      }),
    )
  }

  #factoryOf(one: Listed | Factory): Factory {
    const factory = this.#loaded.get(one)
    if (factory === undefined) throw new Error(`${one.kind} ${one.type} is not loaded`)
    return factory
  }
}
