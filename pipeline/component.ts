import type { Schema } from '../config/fields.ts'
import type { LogBatch, MetricBatch, TraceBatch } from './data/batch.ts'
import type { ProfileBatch } from './data/profiles.ts'
import type { Labels } from './telemetry/counters.ts'
import type { HeaderOf, StartSpan, WatchSpans } from './telemetry/spans.ts'

/** Profiles are passed on as they came: few components take them. */
export const SIGNALS = ['traces', 'metrics', 'logs', 'profiles'] as const
export type Signal = (typeof SIGNALS)[number]
export type Stability = 'development' | 'alpha' | 'beta' | 'stable' | 'deprecated'

/** What a component looks into; bytes pass undecoded through opaque ones. */
export type Access = 'opaque' | 'resource' | 'items'

/** Peer of a request: lost at asynchronous borders (queues, batches) unless asked for. */
export interface ClientInfo {
  readonly address: string
  readonly metadata: ReadonlyMap<string, readonly string[]>
  /** What the receiver's authenticator knows of it, by name. */
  readonly auth?: ReadonlyMap<string, string>
}

export interface Info {
  readonly client?: ClientInfo
  readonly signal?: AbortSignal
  /** How it came in, a label of the receiver's counters. */
  readonly transport?: 'grpc' | 'http'
  /** Headers of the request, for own spans that go on with the sender's trace. */
  readonly headerOf?: HeaderOf
}

export interface BatchOf {
  traces: TraceBatch
  metrics: MetricBatch
  logs: LogBatch
  profiles: ProfileBatch
}

/** Says that what was admitted has been handed to the pipeline, or given up. Call it once, in a `finally`. */
export type Release = () => void

/** Rejects with `RefusedError` when the sender should try again, with anything else when the batch is lost. */
export interface Consumer<T> {
  consume(batch: T, info: Info): Promise<void>
  /**
   * What a receiver asks before it reads a request of so many bytes: `const release = next.admit?.(bytes)`. Throws
   * `RefusedError` if memory is short; the request is then answered unread. Once the length is known to be larger, as after
   * decompression or if it was not announced, ask again for the difference. `release` follows `consume`, or a failure.
   */
  admit?(bytes: number): Release
  /** Of a connector: one of the pipelines that it begins, `traces/a`; undefined if it does not begin that one. */
  to?(pipeline: string): Consumer<T> | undefined
}

/** `start` returns fast. `shutdown` flushes until `deadline`, and is safe before `start` and twice. */
export interface Component {
  start(): Promise<void>
  shutdown(deadline: AbortSignal): Promise<void>
  /**
   * At a reload, takes over other settings while it runs, and gives true; with false nothing has changed, and the
   * component is replaced. Of a component that has no such method any change means a new one.
   */
  reconfigure?(config: unknown): Promise<boolean>
}

export type Kind = 'receiver' | 'processor' | 'exporter' | 'connector' | 'extension'

/** One built component. Receivers and exporters are one per signal, processors one per pipeline, connectors one per pair. */
export interface Instance {
  readonly kind: Kind
  readonly id: string
  /** Of a connector, the one that it takes. */
  readonly signal?: Signal
  /** What a connector makes. */
  readonly makes?: Signal
  readonly pipeline?: string
}

/** Ids of components, as the configuration has them. */
export interface PipelineMembers {
  readonly receivers: readonly string[]
  readonly processors: readonly string[]
  readonly exporters: readonly string[]
}

export interface GateState {
  readonly id: string
  readonly enabled: boolean
  readonly stage: string
  readonly description: string
}

/** What runs: pipelines by id, and the whole configuration for people to read, secrets hidden. */
export interface RunningConfig {
  /** Feature gates that mean something here. */
  readonly gates?: readonly GateState[]
  readonly pipelines: ReadonlyMap<string, PipelineMembers>
  readonly service: { readonly extensions: readonly string[] }
  document?(): unknown
}

/** What an extension may want to know, beside its own life. None of these may throw. */
export interface Extension extends Component {
  /** Before the start, and when a reload has put another one in its place. */
  onConfig?(config: RunningConfig): void
  /** All pipelines run. */
  onReady?(): void
  /** A shutdown begins. */
  onNotReady?(): void
  /** Of every component, from before the first one starts. */
  onStatus?(instance: Instance, status: LifecycleStatus): void
}

/** A processor that may refuse a request before it is read. */
export interface Admission {
  /** `bytes` of all requests that are being read, this one included. Undefined: come in. */
  refusal(bytes: number): RefusedError | undefined
}

export const stateless: Component = {
  start: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
}

export interface Logger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void
  info(message: string, fields?: Readonly<Record<string, unknown>>): void
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void
  error(message: string, fields?: Readonly<Record<string, unknown>>): void
}

export type ComponentStatus =
  | { readonly kind: 'ok' }
  | {
      readonly kind: 'recoverable_error' | 'permanent_error' | 'fatal_error'
      readonly error: Error
    }

export type LifecycleStatus =
  | ComponentStatus
  | { readonly kind: 'starting' | 'stopping' | 'stopped' }

/** What the graph hands to a component when it creates it. */
export interface Context {
  /** `otlp_http/primary` */
  readonly id: string
  readonly log: Logger
  /** Milliseconds, monotonic. */
  readonly now: () => number
  /** Adds `n` to the named counter of this component. A drop's name starts with `dropped_`. */
  count(name: string, n: number, labels?: Labels): void
  /** Shows a value of this component, read when somebody looks. */
  gauge(name: string, read: () => number): void
  /** Adds a value to the named histogram of this component; one that has to be worked out only is if it is shown. */
  measure(name: string, value: number | (() => number), labels?: Labels): void
  /** Adds to a histogram that has its own name and labels, whichever component it is: how long a request took, in seconds. */
  duration(name: string, labels: Labels, seconds: number): void
  /** Starts a span of weir's own; undefined while there are none. */
  readonly startSpan: StartSpan
  readonly watchSpans: WatchSpans
  /** `refresh` is called before somebody looks at the counters: for what is counted elsewhere. Gives what ends that. */
  beforeLook(refresh: () => void): () => void
  extension(id: string): Component | undefined
  status(status: ComponentStatus): void
}

/** Method syntax, so that a factory of any `Config` can stand in a list of factories. */
interface Create<Config, S extends Signal> {
  receiver(ctx: Context, config: Config, next: Consumer<BatchOf[S]>): Component
  processor(
    ctx: Context,
    config: Config,
    next: Consumer<BatchOf[S]>,
  ): Component & Consumer<BatchOf[S]> & Partial<Admission>
  exporter(ctx: Context, config: Config): Component & Consumer<BatchOf[S]>
}

interface FactoryBase<Config> {
  /** As users write it in YAML. */
  readonly type: string
  readonly aliases?: readonly string[]
  readonly stability: { readonly [S in Signal]?: Stability }
  /** Built from config/fields.ts only; strict; every field described; defaults live here alone. */
  readonly schema: Schema<Config>
}

/** `create` does no I/O. */
export interface ReceiverFactory<Config = unknown> extends FactoryBase<Config> {
  readonly kind: 'receiver'
  readonly create: { readonly [S in Signal]?: Create<Config, S>['receiver'] }
}

export interface ProcessorFactory<Config = unknown> extends FactoryBase<Config> {
  readonly kind: 'processor'
  readonly access: Access
  readonly create: { readonly [S in Signal]?: Create<Config, S>['processor'] }
}

export interface ExporterFactory<Config = unknown> extends FactoryBase<Config> {
  readonly kind: 'exporter'
  readonly access: Access
  readonly create: { readonly [S in Signal]?: Create<Config, S>['exporter'] }
}

export interface ExtensionFactory<Config = unknown> extends Omit<FactoryBase<Config>, 'stability'> {
  readonly kind: 'extension'
  readonly stability: { readonly extension: Stability }
  /** Ids of extensions that it calls while it starts: they are started before it. */
  dependencies?(config: Config): readonly string[]
  create(ctx: Context, config: Config): Extension
}

/** From the signal of the pipeline that it ends to that of the pipeline that it begins. */
export type Pair = `${Signal}->${Signal}`

type CreateConnectors<Config> = { readonly [P in Pair]?: CreateConnector<Config, P>['create'] }

/** Method syntax, as of `Create`. */
interface CreateConnector<Config, P extends Pair> {
  create(
    ctx: Context,
    config: Config,
    next: Consumer<BatchOf[To<P>]>,
  ): Component & Consumer<BatchOf[From<P>]>
}

type From<P extends Pair> = P extends `${infer S extends Signal}->${Signal}` ? S : never
type To<P extends Pair> = P extends `${Signal}->${infer S extends Signal}` ? S : never

/** The exporter of one pipeline and the receiver of another. */
export interface ConnectorFactory<Config = unknown> extends Omit<FactoryBase<Config>, 'stability'> {
  readonly kind: 'connector'
  readonly access: Access
  readonly stability: { readonly [P in Pair]?: Stability }
  readonly create: CreateConnectors<Config>
}

export type Factory =
  | ReceiverFactory
  | ProcessorFactory
  | ExporterFactory
  | ConnectorFactory
  | ExtensionFactory

export const defineReceiver = <Config>(
  factory: Omit<ReceiverFactory<Config>, 'kind'>,
): ReceiverFactory<Config> => ({ kind: 'receiver', ...factory })

export const defineProcessor = <Config>(
  factory: Omit<ProcessorFactory<Config>, 'kind'>,
): ProcessorFactory<Config> => ({ kind: 'processor', ...factory })

export const defineExporter = <Config>(
  factory: Omit<ExporterFactory<Config>, 'kind'>,
): ExporterFactory<Config> => ({ kind: 'exporter', ...factory })

/** The `create` of an exporter that treats every signal alike. */
export const forEverySignal = <Config>(
  make: <S extends Signal>(
    ctx: Context,
    config: Config,
    signal: S,
  ) => Component & Consumer<BatchOf[S]>,
): ExporterFactory<Config>['create'] => ({
  traces: (ctx, config) => make(ctx, config, 'traces'),
  metrics: (ctx, config) => make(ctx, config, 'metrics'),
  logs: (ctx, config) => make(ctx, config, 'logs'),
  profiles: (ctx, config) => make(ctx, config, 'profiles'),
})

export const defineConnector = <Config>(
  factory: Omit<ConnectorFactory<Config>, 'kind'>,
): ConnectorFactory<Config> => ({ kind: 'connector', ...factory })

export const defineExtension = <Config>(
  factory: Omit<ExtensionFactory<Config>, 'kind'>,
): ExtensionFactory<Config> => ({ kind: 'extension', ...factory })

/** The batch was not taken and nothing of it was kept: the sender should try again, after `retryAfterMs` if given. */
export class RefusedError extends Error {
  readonly code = 'REFUSED'
  readonly retryAfterMs: number | undefined
  constructor(message: string, options?: { cause?: unknown; retryAfterMs?: number }) {
    super(message, options)
    this.name = 'RefusedError'
    this.retryAfterMs = options?.retryAfterMs
  }
}
