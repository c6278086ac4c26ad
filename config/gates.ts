import { configError, type Issue } from './issue.ts'

export interface Gate {
  readonly id: string
  readonly enabled: boolean
  readonly stage: 'alpha' | 'beta' | 'stable'
  readonly description: string
}

export const PROFILES_GATE = 'service.profilesSupport'

/** The Collector's gates that change something in weir. */
export const GATES: readonly Gate[] = [
  {
    id: 'confmap.enableMergeAppendOption',
    enabled: false,
    stage: 'alpha',
    description:
      'Lists of extensions, receivers and exporters in later --config files are appended, not replaced',
  },
  {
    id: PROFILES_GATE,
    enabled: false,
    stage: 'alpha',
    description: 'Pipelines of profiles are allowed',
  },
]

/** Gates of which something is expected that weir has not, with what there is instead. */
const WITHOUT_EFFECT: Readonly<Record<string, string>> = {
  'telemetry.newPipelineTelemetry':
    'it changes nothing: weir has no metrics of items that components produce and consume; otelcol_receiver_..., otelcol_processor_... and otelcol_exporter_... count them by component',
}

/** First parts of the ids of gates in the Collector's core and contrib distributions. */
const NAMESPACES = new Set([
  'component',
  'confighttp',
  'configgrpc',
  'configoptional',
  'confmap',
  'connector',
  'exporter',
  'extension',
  'filelog',
  'hostmetrics',
  'internal',
  'k8sattr',
  'otelcol',
  'ottl',
  'pdata',
  'pkg',
  'processor',
  'receiver',
  'scraper',
  'service',
  'spanmetrics',
  'telemetry',
  'transform',
])

/**
 * The gates that are switched on by `--feature-gates` values as `a,-b,+c`.
 * A gate of the Collector that means nothing here is accepted; throws `ConfigError` for an id that can be none.
 */
export function enabledGates(values: readonly string[]): ReadonlySet<string> {
  const enabled = new Set(GATES.filter((gate) => gate.enabled).map((gate) => gate.id))
  for (const word of values.flatMap((value) => value.split(','))) {
    const id = word.trim().replace(/^[-+]/, '')
    if (id === '') continue
    const [namespace = '', rest] = id.split('.', 2)
    if (rest === undefined || !NAMESPACES.has(namespace)) {
      throw configError(`no such feature gate "${id}"`)
    }
    if (word.trim().startsWith('-')) enabled.delete(id)
    else enabled.add(id)
  }
  return enabled
}

/** A warning for each gate that is on and of which something is expected that weir has not. */
export const gatesWithoutEffect = (gates: ReadonlySet<string>): readonly Issue[] =>
  Object.entries(WITHOUT_EFFECT)
    .filter(([id]) => gates.has(id))
    .map(([id, why]) => ({
      severity: 'warning',
      path: [],
      message: `feature gate "${id}": ${why}`,
    }))
