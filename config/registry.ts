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

export interface Found<F> {
  readonly factory: F
  /** The name that should have been written, if the one that was is an old one. */
  readonly renamed?: string
}

const bare = (type: string): string => type.replaceAll('_', '')

/** The factories that a configuration may name. */
export class Registry {
  private readonly factories: readonly Factory[]
  constructor(factories: readonly Factory[]) {
    this.factories = factories
  }

  /** By type or alias; underscores may be missing or too many, as the Collector renamed most types by adding some. */
  find<K extends Kind>(kind: K, type: string): Found<FactoryOf[K]> | undefined {
    const factories = this.all(kind)
    const exact = factories.find((factory) => factory.type === type)
    if (exact !== undefined) return { factory: exact }
    const factory = factories.find(({ type: name, aliases = [] }) =>
      [name, ...aliases].some((known) => bare(known) === bare(type)),
    )
    return factory === undefined ? undefined : { factory, renamed: factory.type }
  }

  all<K extends Kind>(kind: K): readonly FactoryOf[K][] {
    return this.factories.filter(
      (factory): factory is FactoryOf[K] & Factory => factory.kind === kind,
    )
  }

  /** The types of one kind, in the order of the alphabet. */
  types(kind: Kind): readonly string[] {
    return this.all(kind)
      .map((factory) => factory.type)
      .sort()
  }
}
