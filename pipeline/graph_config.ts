import {
  type ConnectorFactory,
  type ExporterFactory,
  type ExtensionFactory,
  type GateState,
  type ProcessorFactory,
  type ReceiverFactory,
  SIGNALS,
  type Signal,
} from './component.ts'

/** A component of the configuration: its factory, and its settings as the factory's schema read them. */
export interface Configured<F> {
  readonly factory: F
  readonly config: unknown
  /** What the settings were read from, to see whether they changed; the settings themselves if absent. */
  readonly source?: unknown
}

export interface PipelineSpec {
  readonly receivers: readonly string[]
  readonly processors: readonly string[]
  readonly exporters: readonly string[]
}

/** All that a graph is built from. Keys are ids as `otlp_http/primary`, those of pipelines `traces/in`. */
export interface PipelineConfig {
  readonly receivers: ReadonlyMap<string, Configured<ReceiverFactory>>
  readonly processors: ReadonlyMap<string, Configured<ProcessorFactory>>
  readonly exporters: ReadonlyMap<string, Configured<ExporterFactory>>
  readonly connectors: ReadonlyMap<string, Configured<ConnectorFactory>>
  readonly extensions: ReadonlyMap<string, Configured<ExtensionFactory>>
  readonly pipelines: ReadonlyMap<string, PipelineSpec>
  readonly service: { readonly extensions: readonly string[] }
  /** All of it as plain data, secrets hidden. */
  document?(): unknown
  readonly gates?: readonly GateState[]
}

/** `path` as `['service', 'pipelines', 'traces']`; `at` leads on to the item of a list that is meant. */
export interface GraphIssue {
  readonly severity: 'error' | 'warning'
  readonly path: readonly string[]
  readonly at?: readonly string[]
  readonly message: string
}

/** The signal of a pipeline's id, or undefined if it names none. */
export function signalOf(pipelineId: string): Signal | undefined {
  const [type] = pipelineId.split('/', 1)
  return SIGNALS.find((signal) => signal === type)
}

export const configError = (
  path: readonly string[],
  message: string,
  at: readonly string[] = path,
): GraphIssue => ({ severity: 'error', path, message, at })
