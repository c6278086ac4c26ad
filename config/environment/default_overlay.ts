import { type Expanded, isList, type Origin } from '../expanded.ts'
import type { Issue } from '../issue.ts'
import { setMetrics } from './metrics.ts'
import {
  changedAt,
  type Env,
  leaf,
  listNode,
  mapNode,
  names,
  Overlay,
  scalarOf,
  warning,
} from './nodes.ts'
import { OBI_OPTIONS } from './obi_options.ts'
import { type ObiSettings, obiSettings } from './obi_settings.ts'
import { type OtlpExporter, otlpExporter } from './otlp.ts'
import { hasShortcut, resourceAttributes, shortcutEntry } from './shortcut.ts'
import { milliseconds, valueFaults } from './values.ts'

/** What variables, and a file of OBI's, make of the shipped configuration. */
export interface DefaultOverlay {
  /** To be merged over it; absent if nothing is set. */
  readonly node?: Expanded
  readonly issues: readonly Issue[]
}

const EBPF = ['receivers', 'ebpf']

/** Reads OpenTelemetry's variables and OBI's; `obi` is a file of OBI's shape. */
export function defaultOverlay(env: Env, obi?: Expanded): DefaultOverlay {
  const overlay = new Overlay()
  const settings = obiSettings(env, obi)
  const issues = [...settings.issues]
  for (const { path, to } of OBI_OPTIONS) {
    const node = settings.nodes.get(path)
    if (node !== undefined && Array.isArray(to)) overlay.set(to, node)
  }
  setInstrument(overlay, env, settings)
  setLogLevel(overlay, settings)
  setSampler(overlay, env, settings, issues)
  issues.push(...valueFaults(env, hasShortcut(settings.nodes)))
  setPipelines(overlay, env, settings, issues)
  const node = overlay.node()
  return node === undefined ? { issues } : { node, issues }
}

/** What the shortcuts select is one more entry. */
function setInstrument(overlay: Overlay, env: Env, { nodes }: ObiSettings): void {
  const given = nodes.get('discovery.instrument')
  const others = given !== undefined && isList(given.value) ? given.value : []
  const entry = shortcutEntry(env, nodes)
  const origin = entry?.origin ?? given?.origin
  const entries = others.map((one) => changedAt(one, ['sampler', 'arg'], ratioOf))
  if (entry !== undefined) entries.push(entry)
  if (origin === undefined || entries.length === 0) return
  overlay.set([...EBPF, 'discovery', 'instrument'], listNode(origin, entries))
}

/** OBI's is a text: "0.5". */
const ratioOf = ({ origin, value }: Expanded): Expanded => leaf(origin, scalarOf(String(value)))

function setLogLevel(overlay: Overlay, { nodes }: ObiSettings): void {
  const level = nodes.get('log_level')
  if (level === undefined) return
  const text = String(level.value).toLowerCase()
  overlay.set(['service', 'telemetry', 'logs', 'level'], leaf(level.origin, text))
}

/** Source: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#general-sdk-configuration */
function setSampler(overlay: Overlay, env: Env, { nodes }: ObiSettings, issues: Issue[]): void {
  const given = nodes.get('otel_traces_export.sampler.arg')
  if (given !== undefined) overlay.set([...EBPF, 'sampler', 'arg'], ratioOf(given))
  const name = env['OTEL_TRACES_SAMPLER']
  if (!name) return
  const origin = { source: 'env:OTEL_TRACES_SAMPLER' }
  overlay.set([...EBPF, 'sampler', 'name'], leaf(origin, name))
  const text = env['OTEL_TRACES_SAMPLER_ARG'] ?? ''
  if (text === '' || !name.endsWith('traceidratio')) return
  const arg = { source: 'env:OTEL_TRACES_SAMPLER_ARG' }
  const ratio = Number(text)
  if (ratio >= 0 && ratio <= 1) overlay.set([...EBPF, 'sampler', 'arg'], leaf(arg, ratio))
  else issues.push(warning(arg, `expected a number from 0 to 1, got ${JSON.stringify(text)}`))
}

/** Which exporters are asked for, by whom; undefined if nobody says. */
interface Wanted {
  readonly console: boolean
  readonly otlp: boolean
  /** OTLP is, by its name: then it has a default endpoint. */
  readonly asked: boolean
  readonly origin: Origin | undefined
}

function setPipelines(overlay: Overlay, env: Env, settings: ObiSettings, issues: Issue[]): void {
  const { console, otlp, asked, origin } = wanted(env, settings, issues)
  if (env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true') {
    disable(overlay, { source: 'env:OTEL_SDK_DISABLED' })
    return
  }
  const exporter = otlp ? otlpExporter(env, settings.nodes, asked) : undefined
  issues.push(...(exporter?.issues ?? []))
  const added = setResource(overlay, env, settings)
  const measured = setMetrics(overlay, env, settings, issues, added)
  const node = exporter?.node
  const sends = exporter !== undefined && node !== undefined
  if (console && added !== undefined) {
    setPipeline(overlay, 'traces', { source: 'env:OTEL_RESOURCE_ATTRIBUTES' }, [added], 'console')
  }
  if (!console && !sends) {
    const from = origin ?? { source: 'environment' }
    overlay.set(['exporters', 'nop'], leaf(from, null))
    setPipeline(overlay, 'traces', from, [], 'nop')
    if (measured) receiveNothing(overlay, from) // or spans would be made to be thrown away
  }
  if (!sends) return
  const processors = [...(added === undefined ? [] : [added]), 'batch']
  overlay.set(['exporters', exporter.type], node)
  overlay.set(['processors', 'batch'], leaf(node.origin, null))
  setBatch(overlay, env, exporter)
  setPipeline(overlay, console ? 'traces/otlp' : 'traces', node.origin, processors, exporter.type)
}

function setPipeline(
  overlay: Overlay,
  name: string,
  origin: Origin,
  processors: readonly string[],
  exporter: string,
): void {
  const path = ['service', 'pipelines', name]
  overlay.set([...path, 'receivers'], names(origin, 'ebpf'))
  if (processors.length > 0) overlay.set([...path, 'processors'], names(origin, ...processors))
  overlay.set([...path, 'exporters'], names(origin, exporter))
}

/** Nothing is watched and nothing sent; weir runs on. */
function disable(overlay: Overlay, origin: Origin): void {
  overlay.set(['exporters', 'nop'], leaf(origin, null))
  receiveNothing(overlay, origin)
  overlay.set(['service', 'pipelines', 'traces', 'exporters'], names(origin, 'nop'))
}

function receiveNothing(overlay: Overlay, origin: Origin): void {
  overlay.set(['receivers', 'nop'], leaf(origin, null))
  overlay.set(['service', 'pipelines', 'traces', 'receivers'], names(origin, 'nop'))
}

const BOTH = { console: true, otlp: true, asked: false } as const

/** OTEL_TRACES_EXPORTER says all; OBI's trace_printer only whether lines are printed. */
function wanted(env: Env, { nodes }: ObiSettings, issues: Issue[]): Wanted {
  const printer = nodes.get('trace_printer')
  const origin = { source: 'env:OTEL_TRACES_EXPORTER' }
  const text = env['OTEL_TRACES_EXPORTER'] ?? ''
  const list = text.split(',').flatMap((one) => one.trim() || [])
  for (const name of list) {
    if (['otlp', 'console', 'none'].includes(name)) continue
    issues.push(warning(origin, `${JSON.stringify(name)} is none of otlp, console and none`))
  }
  if (list.length > 0) {
    const otlp = list.includes('otlp')
    return { console: list.includes('console'), otlp, asked: otlp, origin }
  }
  if (printer === undefined) return { ...BOTH, origin: undefined }
  if (printer.value === 'disabled') return { ...BOTH, console: false, origin: printer.origin }
  if (printer.value !== 'text') {
    issues.push(warning(printer.origin, `${JSON.stringify(printer.value)} is printed as text`))
  }
  return { ...BOTH, origin: undefined }
}

type Target = readonly [
  variable: string,
  path: readonly string[],
  read: (text: string) => string | undefined,
]

/** OTEL_BSP_*: the batch and the queue behind it. Times are milliseconds. */
function setBatch(overlay: Overlay, env: Env, { type }: OtlpExporter): void {
  const queue = ['exporters', type, 'sending_queue']
  const targets: readonly Target[] = [
    ['SCHEDULE_DELAY', ['processors', 'batch', 'timeout'], milliseconds],
    ['MAX_EXPORT_BATCH_SIZE', ['processors', 'batch', 'send_batch_max_size'], (text) => text],
    ['MAX_QUEUE_SIZE', [...queue, 'queue_size'], (text) => text],
    ['EXPORT_TIMEOUT', ['exporters', type, 'timeout'], milliseconds],
  ]
  for (const [name, path, read] of targets) {
    const text = env[`OTEL_BSP_${name}`]
    const value = text ? read(text) : undefined
    if (text === undefined || value === undefined) continue
    const origin = { source: `env:OTEL_BSP_${name}` }
    overlay.set(path, leaf(origin, scalarOf(value)))
    if (name === 'MAX_QUEUE_SIZE') overlay.set([...queue, 'sizer'], leaf(origin, 'items'))
    if (name === 'MAX_EXPORT_BATCH_SIZE') {
      overlay.set(['processors', 'batch', 'send_batch_size'], leaf(origin, scalarOf(text)))
    }
  }
}

/** Attributes of weir's own environment go to the service that the shortcuts select, where it has none. */
function setResource(overlay: Overlay, env: Env, { nodes }: ObiSettings): string | undefined {
  const attributes = resourceAttributes(env, nodes)
  if (attributes.length === 0) return undefined
  const origin = { source: 'env:OTEL_RESOURCE_ATTRIBUTES' }
  const actions = attributes.map(([key, value]) =>
    mapNode(origin, {
      key: leaf(origin, key),
      value: leaf(origin, value),
      action: leaf(origin, 'insert'),
    }),
  )
  overlay.set(['processors', 'resource/environment', 'attributes'], listNode(origin, actions))
  return 'resource/environment'
}
