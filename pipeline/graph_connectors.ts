import { SIGNALS, type Signal } from './component.ts'
import {
  configError,
  type GraphIssue,
  type PipelineConfig,
  type PipelineSpec,
  signalOf,
} from './graph_config.ts'

/** What is wrong with the connectors of a graph whose references are all good. The texts are the Collector's. */
export function* checkConnectors(config: PipelineConfig): Iterable<GraphIssue> {
  const ambiguous = [...checkNames(config)]
  yield* ambiguous
  const unsupported = [...config.connectors.keys()].flatMap((id) => [...checkUses(config, id)])
  yield* unsupported
  if (ambiguous.length === 0 && unsupported.length === 0) yield* checkCycles(config)
}

function* checkNames({ connectors, receivers, exporters }: PipelineConfig): Iterable<GraphIssue> {
  for (const id of connectors.keys()) {
    for (const [kind, section] of [
      ['receiver', receivers],
      ['exporter', exporters],
    ] as const) {
      if (!section.has(id)) continue
      yield configError(
        ['connectors', id],
        `ambiguous ID: Found both "${id}" ${kind} and "${id}" connector. Change one of the ` +
          `components' IDs to eliminate ambiguity (e.g. rename "${id}" connector to "${id}/connector")`,
      )
    }
  }
}

type End = 'exporters' | 'receivers'

/** Pipelines of one signal that have a connector at one end. */
const using = (config: PipelineConfig, id: string, end: End, signal: Signal) =>
  [...config.pipelines].filter(
    ([pipeline, spec]) => signalOf(pipeline) === signal && spec[end].includes(id),
  )

/** At each end of a connector there must be a signal that fits one at the other. */
function* checkUses(config: PipelineConfig, id: string): Iterable<GraphIssue> {
  const at = (end: End) => SIGNALS.filter((signal) => using(config, id, end, signal).length > 0)
  const [taken, made] = [at('exporters'), at('receivers')]
  const create = config.connectors.get(id)?.factory.create ?? {}
  const fits = (from: Signal, to: Signal) => create[`${from}->${to}`] !== undefined
  const unused = (end: End, other: string, signal: Signal) => {
    const pipelines = using(config, id, end, signal)
    const [[pipeline, spec]] = pipelines as [[string, PipelineSpec]]
    const names = pipelines.map(([name]) => name).join(' ')
    const path = ['service', 'pipelines', pipeline]
    return configError(
      path,
      `failed to build pipelines: connector "${id}" used as ${end.slice(0, -1)} in [${names}] pipeline ` +
        `but not used in any supported ${other} pipeline`,
      [...path, end, String(spec[end].indexOf(id))],
    )
  }
  for (const from of taken) {
    if (!made.some((to) => fits(from, to))) yield unused('exporters', 'receiver', from)
  }
  for (const to of made) {
    if (!taken.some((from) => fits(from, to))) yield unused('receivers', 'exporter', to)
  }
}

/** A way through a pipeline: in by one connector, out by another. */
interface Step {
  readonly connector: string
  readonly takes: Signal
  readonly pipeline: string
  readonly makes: Signal
}

function* checkCycles(config: PipelineConfig): Iterable<GraphIssue> {
  const done = new Set<string>()
  for (const first of steps(config, undefined)) {
    const cycle = findCycle(config, [first], done)
    if (cycle === undefined) continue
    const path = ['service', 'pipelines', (cycle[0] as Step).pipeline]
    yield configError(path, `failed to build pipelines: cycle detected: ${written(config, cycle)}`)
    return
  }
}

/** Connectors that a pipeline ends with, or all, each with a pipeline that it begins. */
function steps(config: PipelineConfig, pipeline: string | undefined): Step[] {
  const found: Step[] = []
  for (const [id, spec] of config.pipelines) {
    if (pipeline !== undefined && id !== pipeline) continue
    for (const connector of spec.exporters.filter((one) => config.connectors.has(one))) {
      const takes = signalOf(id) as Signal
      for (const [next, { receivers }] of config.pipelines) {
        const makes = signalOf(next) as Signal
        const create = config.connectors.get(connector)?.factory.create[`${takes}->${makes}`]
        if (create === undefined || !receivers.includes(connector)) continue
        found.push({ connector, takes, pipeline: next, makes })
      }
    }
  }
  return found
}

const nameOf = ({ connector, takes, pipeline }: Step) => `${connector} ${takes} ${pipeline}`

/** The steps of a way that comes back to itself, or nothing; `done` are those that are known to lead nowhere. */
function findCycle(
  config: PipelineConfig,
  way: readonly Step[],
  done: Set<string>,
): readonly Step[] | undefined {
  const last = way.at(-1) as Step
  if (done.has(nameOf(last))) return undefined
  for (const next of steps(config, last.pipeline)) {
    const at = way.findIndex((step) => nameOf(step) === nameOf(next))
    const cycle = at >= 0 ? way.slice(at) : findCycle(config, [...way, next], done)
    if (cycle !== undefined) return cycle
  }
  done.add(nameOf(last))
  return undefined
}

function written(config: PipelineConfig, cycle: readonly Step[]): string {
  const connector = ({ connector: id, takes, makes }: Step) =>
    `connector "${id}" (${takes} to ${makes})`
  const parts = cycle.flatMap((step) => [
    connector(step),
    ...(config.pipelines.get(step.pipeline)?.processors ?? []).map(
      (id) => `processor "${id}" in pipeline "${step.pipeline}"`,
    ),
  ])
  return [...parts, connector(cycle[0] as Step)].join(' -> ')
}
