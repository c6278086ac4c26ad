import {
  type ConnectorFactory,
  type ExporterFactory,
  type ExtensionFactory,
  type ProcessorFactory,
  type ReceiverFactory,
  SIGNALS,
  type Signal,
} from './component.ts'

/** A component of the configuration: its factory, and its settings as the factory's schema read them. */
export interface Configured<F> {
  readonly factory: F
  readonly config: unknown
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

const SECTIONS = [
  ['receiver', 'receivers'],
  ['processor', 'processors'],
  ['exporter', 'exporters'],
] as const

/** Everything that is wrong with a graph, before anything of it is built. The texts contain the Collector's. */
export function checkGraph(config: PipelineConfig): readonly GraphIssue[] {
  return [...checkExtensions(config), ...checkPipelines(config), ...checkUnused(config)]
}

const error = (
  path: readonly string[],
  message: string,
  at: readonly string[] = path,
): GraphIssue => ({ severity: 'error', path, message, at })

function* checkExtensions(config: PipelineConfig): Iterable<GraphIssue> {
  const path = ['service', 'extensions']
  for (const [i, id] of config.service.extensions.entries()) {
    if (config.extensions.has(id)) continue
    const message = `references extension "${id}" which is not configured${have(config.extensions)}`
    yield error(path, message, [...path, String(i)])
  }
}

function* checkPipelines(config: PipelineConfig): Iterable<GraphIssue> {
  if (config.pipelines.size === 0) {
    yield error(['service', 'pipelines'], 'service must have at least one pipeline')
  }
  for (const [id, spec] of config.pipelines) {
    const path = ['service', 'pipelines', id]
    const signal = signalOf(id)
    if (signal === undefined)
      yield error(path, `in "${id}" id: unknown pipeline signal: "${id.split('/', 1)[0]}"`)
    else yield* checkPipeline(config, path, spec, signal)
  }
}

function* checkPipeline(
  config: PipelineConfig,
  path: readonly string[],
  spec: PipelineSpec,
  signal: Signal,
): Iterable<GraphIssue> {
  const at = (section: string, i: number | string = '') => [...path, section, String(i)]
  for (const [kind, section] of [SECTIONS[0], SECTIONS[2]]) {
    if (spec[section].length > 0) continue
    yield error(path, `must have at least one ${kind}`, at(section))
  }
  for (const [i, id] of spec.processors.entries()) {
    if (spec.processors.indexOf(id) === i) continue
    yield error(path, `references processor "${id}" multiple times`, at('processors', i))
  }
  for (const [kind, section] of SECTIONS) {
    for (const id of new Set(spec[section])) {
      const component = config[section].get(id)
      const item = at(section, spec[section].indexOf(id))
      if (component === undefined) {
        const message = `references ${kind} "${id}" which is not configured`
        yield error(path, message + have(config[section]), item)
      } else if (component.factory.create[signal] === undefined) {
        yield error(path, unsupported(kind, id, signal, component.factory.stability), item)
      }
    }
  }
}

function unsupported(kind: string, id: string, signal: Signal, stability: object): string {
  return (
    `failed to create "${id}" ${kind} for data type "${signal}": telemetry type is not supported ` +
    `(it takes ${Object.keys(stability).join(', ')})`
  )
}

const have = (section: ReadonlyMap<string, unknown>) =>
  section.size === 0 ? '' : ` (configured are ${[...section.keys()].join(', ')})`

function* checkUnused(config: PipelineConfig): Iterable<GraphIssue> {
  const specs = [...config.pipelines.values()]
  for (const [kind, section] of SECTIONS) {
    const used = new Set(specs.flatMap((spec) => spec[section]))
    for (const id of config[section].keys()) {
      if (!used.has(id)) yield unused(kind, section, id, 'any pipeline')
    }
  }
  for (const id of config.extensions.keys()) {
    const used = config.service.extensions.includes(id)
    if (!used) yield unused('extension', 'extensions', id, 'service::extensions')
  }
}

const unused = (kind: string, section: string, id: string, where: string): GraphIssue => ({
  severity: 'warning',
  path: [section, id],
  message: `${kind} "${id}" is configured but not used in ${where}`,
})
