import type { Signal } from './component.ts'
import {
  configError,
  type GraphIssue,
  type PipelineConfig,
  type PipelineSpec,
  signalOf,
} from './graph_config.ts'
import { checkConnectors } from './graph_connectors.ts'

const SECTIONS = [
  ['receiver', 'receivers'],
  ['processor', 'processors'],
  ['exporter', 'exporters'],
] as const

/** Everything that is wrong with a graph, before anything of it is built. The texts contain the Collector's. */
export function checkGraph(config: PipelineConfig): readonly GraphIssue[] {
  const references = [
    ...checkExtensions(config),
    ...checkPipelines(config),
    ...checkStorages(config),
    ...checkAuthenticators(config),
  ]
  const connectors = references.length > 0 ? [] : checkConnectors(config)
  return [...references, ...connectors, ...checkUnused(config)]
}

function* checkExtensions(config: PipelineConfig): Iterable<GraphIssue> {
  const path = ['service', 'extensions']
  for (const [i, id] of config.service.extensions.entries()) {
    if (config.extensions.has(id)) continue
    const message = `references extension "${id}" which is not configured${have(config.extensions)}`
    yield configError(path, message, [...path, String(i)])
  }
}

/** Of the exporters that a pipeline has; the Collector finds this only when it starts them. */
function* checkStorages(config: PipelineConfig): Iterable<GraphIssue> {
  const used = new Set([...config.pipelines.values()].flatMap(({ exporters }) => exporters))
  for (const id of used) {
    const { sending_queue } = (config.exporters.get(id)?.config ?? {}) as {
      readonly sending_queue?: { readonly storage?: string }
    }
    const storage = sending_queue?.storage ?? ''
    if (storage === '' || config.service.extensions.includes(storage)) continue
    const path = ['exporters', id, 'sending_queue', 'storage']
    const message = `storage client extension "${storage}" not found: it is not in service::extensions`
    yield configError(path, message)
  }
}

/** The same for `auth::authenticator`, at whatever depth a receiver or an exporter has it. */
function* checkAuthenticators(config: PipelineConfig): Iterable<GraphIssue> {
  for (const section of ['receivers', 'exporters'] as const) {
    const used = new Set([...config.pipelines.values()].flatMap((spec) => spec[section]))
    for (const id of used) {
      for (const [path, name] of authenticatorsIn(config[section].get(id)?.config)) {
        if (config.service.extensions.includes(name)) continue
        const message = `failed to resolve authenticator "${name}": authenticator not found: it is not in service::extensions`
        yield configError([section, id, ...path], message)
      }
    }
  }
}

function authenticatorsIn(settings: unknown): (readonly [path: readonly string[], id: string])[] {
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings)) return []
  return Object.entries(settings).flatMap(([key, value]) => {
    if (key === 'authenticator' && typeof value === 'string') return [[[key], value] as const]
    return authenticatorsIn(value).map(([path, id]) => [[key, ...path], id] as const)
  })
}

function* checkPipelines(config: PipelineConfig): Iterable<GraphIssue> {
  if (config.pipelines.size === 0) {
    yield configError(['service', 'pipelines'], 'service must have at least one pipeline')
  }
  for (const [id, spec] of config.pipelines) {
    const path = ['service', 'pipelines', id]
    const signal = signalOf(id)
    if (signal === undefined)
      yield configError(path, `in "${id}" id: unknown pipeline signal: "${id.split('/', 1)[0]}"`)
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
    yield configError(path, `must have at least one ${kind}`, at(section))
  }
  for (const [i, id] of spec.processors.entries()) {
    if (spec.processors.indexOf(id) === i) continue
    yield configError(path, `references processor "${id}" multiple times`, at('processors', i))
  }
  for (const [kind, section] of SECTIONS) {
    for (const id of new Set(spec[section])) {
      const component = config[section].get(id)
      const item = at(section, spec[section].indexOf(id))
      if (section !== 'processors' && config.connectors.has(id)) continue
      if (component === undefined) {
        const message = `references ${kind} "${id}" which is not configured`
        yield configError(path, message + have(config[section]), item)
      } else if (component.factory.create[signal] === undefined) {
        yield configError(path, unsupported(kind, id, signal, component.factory.stability), item)
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
  const ends = new Set(specs.flatMap((spec) => [...spec.receivers, ...spec.exporters]))
  for (const id of config.connectors.keys()) {
    if (!ends.has(id)) yield unused('connector', 'connectors', id, 'any pipeline')
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
