import type { Schema } from '../config/fields.ts'
import type { LogBatch, MetricBatch, TraceBatch } from './data/batch.ts'

export type Signal = 'traces' | 'metrics' | 'logs'
export type Stability = 'development' | 'alpha' | 'beta' | 'stable' | 'deprecated'

/** What a component looks into; bytes pass undecoded through opaque ones. */
export type Access = 'opaque' | 'resource' | 'items'

/** Peer of a request: lost at asynchronous borders (queues, batches) unless asked for. */
export interface ClientInfo {
  readonly address: string
  readonly metadata: ReadonlyMap<string, readonly string[]>
}

export interface Info {
  readonly client?: ClientInfo
  readonly signal?: AbortSignal
}

export interface BatchOf {
  traces: TraceBatch
  metrics: MetricBatch
  logs: LogBatch
}

/** Rejects with `RefusedError` when the sender should try again, with anything else when the batch is lost. */
export interface Consumer<T> {
  consume(batch: T, info: Info): Promise<void>
}

/** `start` returns fast. `shutdown` flushes until `deadline`, and is safe before `start` and twice. */
export interface Component {
  start(): Promise<void>
  shutdown(deadline: AbortSignal): Promise<void>
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

/** What the graph hands to a component when it creates it. */
export interface Context {
  /** `otlp_http/primary` */
  readonly id: string
  readonly log: Logger
  /** Milliseconds, monotonic. */
  readonly now: () => number
  /** Adds `n` to the named counter of this component. A drop's name starts with `dropped_`. */
  count(name: string, n: number): void
  /** Shows a value of this component, read when somebody looks. */
  gauge(name: string, read: () => number): void
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
  ): Component & Consumer<BatchOf[S]>
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
  create(ctx: Context, config: Config): Component
}

export type Factory = ReceiverFactory | ProcessorFactory | ExporterFactory | ExtensionFactory

export const defineReceiver = <Config>(
  factory: Omit<ReceiverFactory<Config>, 'kind'>,
): ReceiverFactory<Config> => ({ kind: 'receiver', ...factory })

export const defineProcessor = <Config>(
  factory: Omit<ProcessorFactory<Config>, 'kind'>,
): ProcessorFactory<Config> => ({ kind: 'processor', ...factory })

export const defineExporter = <Config>(
  factory: Omit<ExporterFactory<Config>, 'kind'>,
): ExporterFactory<Config> => ({ kind: 'exporter', ...factory })

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
