import { checkGraph } from '../pipeline/check_graph.ts'
import { type PipelineConfig, signalOf } from '../pipeline/graph_config.ts'
import { readComponents } from './component_sections.ts'
import {
  type Entry,
  type Expanded,
  isMap,
  type MapValue,
  type Origin,
  toPlain,
} from './expanded.ts'
import { GATES, gatesWithoutEffect, PROFILES_GATE } from './gates.ts'
import type { Issue } from './issue.ts'
import { didYouMean } from './nearest.ts'
import { redact } from './redact.ts'
import type { Registry } from './registry.ts'
import type { TelemetryConfig } from './service.ts'
import { readService } from './service_section.ts'

/** A configuration that was read whole. Of use only if no issue is an error. */
export interface Validated {
  readonly pipelines: PipelineConfig
  readonly telemetry: TelemetryConfig
  readonly issues: readonly Issue[]
}

const SECTIONS = [
  'receivers',
  'processors',
  'exporters',
  'connectors',
  'extensions',
  'service',
] as const

type Sections = { readonly [S in (typeof SECTIONS)[number]]?: Entry }

/** Reads every section against the factories of `registry`, and checks the pipelines. Reports all that is wrong. */
export function validate(
  root: Expanded,
  registry: Registry,
  gates: ReadonlySet<string> = new Set(),
): Validated {
  const issues: Issue[] = []
  const sections = readTopLevel(root, issues)
  const { pipelines, extensions, telemetry } = readService(sections.service, issues)
  const config: PipelineConfig = {
    receivers: readComponents('receiver', sections.receivers, registry, issues),
    processors: readComponents('processor', sections.processors, registry, issues),
    exporters: readComponents('exporter', sections.exporters, registry, issues),
    connectors: readComponents('connector', sections.connectors, registry, issues),
    extensions: readComponents('extension', sections.extensions, registry, issues),
    pipelines,
    service: { extensions },
    document: () => toPlain(redact(root, registry)),
    gates: GATES.map((gate) => ({ ...gate, enabled: gates.has(gate.id) })),
  }
  if (isEmptySection(sections.receivers)) issues.push(missing('receiver'))
  if (isEmptySection(sections.exporters)) issues.push(missing('exporter'))
  issues.push(...checkProfiles(root, pipelines, gates), ...gatesWithoutEffect(gates))
  for (const issue of checkGraph(config)) {
    const message = explainReference(issue.message, root, config)
    if (message === undefined) continue
    issues.push({ ...issue, message, origin: originOf(root, issue.at ?? issue.path) })
  }
  return { pipelines: config, telemetry, issues: issues.toSorted(byPlace) }
}

/** The Collector's own words for a signal that has to be asked for. */
function checkProfiles(
  root: Expanded,
  pipelines: PipelineConfig['pipelines'],
  gates: ReadonlySet<string>,
): Issue[] {
  if (gates.has(PROFILES_GATE)) return []
  const ids = [...pipelines.keys()].filter((id) => signalOf(id) === 'profiles')
  return ids.map((id) => {
    const path = ['service', 'pipelines', id]
    const message =
      `pipeline "${id}": profiling signal support is at alpha level, gated under the ` +
      `"${PROFILES_GATE}" feature gate; --feature-gates=${PROFILES_GATE} turns it on`
    return { severity: 'error', origin: originOf(root, path), path, message }
  })
}

/** Where a connector may stand too. */
const ENDS = new Set(['receivers', 'exporters'])

const REFERENCE =
  /^references (receiver|processor|exporter|extension) "(.*)" which is not configured/

/** Adds the name that was meant. Silent on a component that is there but has an unknown type: that was said. */
function explainReference(
  message: string,
  root: Expanded,
  config: PipelineConfig,
): string | undefined {
  const [, kind, id = ''] = REFERENCE.exec(message) ?? []
  if (kind === undefined) return message
  const section = `${kind}s` as 'receivers'
  const isWritten = (name: string) => {
    const written = isMap(root.value) ? root.value.get(name)?.node.value : undefined
    return written !== undefined && isMap(written) && entryOf(written, id) !== undefined
  }
  if (isWritten(section) || (ENDS.has(section) && isWritten('connectors'))) return undefined
  return message + didYouMean(id, config[section].keys())
}

function readTopLevel(root: Expanded, issues: Issue[]): Sections {
  if (!isMap(root.value)) return {}
  for (const [key, { key: origin }] of root.value) {
    if (SECTIONS.some((section) => section === key)) continue
    const hint = `${didYouMean(key, SECTIONS)}; allowed are ${SECTIONS.join(', ')}`
    const message = `'' has invalid keys: ${key}${hint}`
    issues.push({ severity: 'error', origin, path: [], message })
  }
  return Object.fromEntries(root.value)
}

const isEmptySection = (section: Entry | undefined): boolean =>
  section === undefined || section.node.value === null || isEmptyMap(section.node)

const isEmptyMap = ({ value }: Expanded): boolean => isMap(value) && value.size === 0

const missing = (kind: string): Issue => ({
  severity: 'error',
  path: [],
  message: `no ${kind} configuration specified in config`,
})

/** The place of the deepest node of a path that there is. */
export function originOf(root: Expanded, path: readonly string[]): Origin {
  let { origin } = root
  let node = root
  for (const part of path) {
    const { value } = node
    if (Array.isArray(value)) {
      const item: Expanded | undefined = value[Number(part)]
      if (item === undefined) break
      node = item
      origin = item.origin
    } else {
      const entry = isMap(value) ? entryOf(value, part) : undefined
      if (entry === undefined) break
      node = entry.node
      origin = entry.key
    }
  }
  return origin
}

/** Ids in a path have no blanks, keys of a file may. */
function entryOf(value: MapValue, part: string): Entry | undefined {
  if (value.has(part)) return value.get(part)
  const spaceless = (text: string) => text.replaceAll(/\s/g, '')
  return [...value].find(([key]) => spaceless(key) === spaceless(part))?.[1]
}

/** In the order of the file, what has no place first. */
function byPlace(a: Issue, b: Issue): number {
  const [left, right] = [a.origin, b.origin]
  if (left?.source !== right?.source) return 0
  return (left?.line ?? 0) - (right?.line ?? 0) || (left?.column ?? 0) - (right?.column ?? 0)
}
