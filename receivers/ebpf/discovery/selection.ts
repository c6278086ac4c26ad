import { DEFAULT_SETTINGS, type Decision, type Process, type ServiceSettings } from './process.ts'
import { matches, type Selector, type Subject } from './selector.ts'

/** An entry of `instrument`: what it selects, and what it says of those. */
export interface InstrumentEntry extends Selector {
  readonly settings?: Partial<ServiceSettings>
}

/** What a decision looks at besides the process itself. */
export interface Surroundings extends Omit<Subject, 'process'> {
  /** Of its parent, when one was made. */
  readonly parent: Decision | undefined
  /** It was seen to export traces by OTLP that are its own. */
  readonly exportsOtlp: boolean
}

/** The rules of the configuration. */
export interface SelectionRules {
  readonly instrument: readonly InstrumentEntry[]
  readonly exclude: readonly Selector[]
  /** In place of those that are built in. */
  readonly defaultExclude: readonly Selector[] | undefined
  readonly excludeInstrumented: boolean
}

/**
 * Telemetry agents: a trace of how a trace is sent helps nobody. By name of the executable, or of the script
 * that an interpreter runs.
 */
const AGENTS =
  /(?:^|\/)(?:weir|obi|ebpf-instrument|beyla|alloy|grafana-agent|prometheus-config-reloader|otelcol[^/]*|otelcontribcol)$/

/** As OBI leaves them out: what runs there is the cluster's own. */
const SYSTEM_NAMESPACES =
  /^(?:kube-system|kube-node-lease|local-path-storage|cert-manager|monitoring|gke-.*|gatekeeper-system|grafana-alloy)$/

function defaultRule({ process, describe }: Subject): string | undefined {
  if (isAgent(process)) return 'default: a telemetry agent'
  if (process.cgroup.podUid === '') return undefined
  const { namespace } = describe().container
  return SYSTEM_NAMESPACES.test(namespace) ? `default: the namespace ${namespace}` : undefined
}

function isAgent(process: Process): boolean {
  if (AGENTS.test(process.exePath)) return true
  const script = process.args[1]
  return (
    script !== undefined && /(?:^|\/)weir(?:\/(?:dist\/cli|build\/weir)\/main\.js)?$/.test(script)
  )
}

const rejected = (rule: string): Decision => ({
  selected: false,
  rule,
  chosenBy: '',
  settings: DEFAULT_SETTINGS,
})

/** The rules that say which processes are watched. Pure: the same process gives the same answer. */
export class Selection {
  readonly #rules: SelectionRules
  readonly #ownTgid: number

  constructor(rules: Partial<SelectionRules>, ownTgid: number) {
    this.#rules = {
      instrument: [],
      exclude: [],
      defaultExclude: undefined,
      excludeInstrumented: true,
      ...rules,
    }
    this.#ownTgid = ownTgid
  }

  /** True if a port that opens may change a decision. */
  get looksAtPorts(): boolean {
    const { instrument, exclude, defaultExclude = [] } = this.#rules
    return [...instrument, ...exclude, ...defaultExclude].some((one) => one.openPorts !== undefined)
  }

  decide(process: Process, around: Surroundings): Decision {
    const subject: Subject = { process, ports: around.ports, describe: () => around.describe() }
    const excluded = this.#exclusion(subject)
    if (excluded !== undefined) return rejected(excluded)
    const decision = this.#choose(subject, around.parent)
    if (!decision.selected) return decision
    const { exportsTraces, exportsMetrics } = decision.settings
    if (!exportsTraces && !exportsMetrics) {
      const rule = `${decision.rule}: its exports have neither traces nor metrics`
      return { ...decision, selected: false, rule }
    }
    if (!around.exportsOtlp || !this.#rules.excludeInstrumented) return decision
    const rule = 'exclude_otel_instrumented_services: it exports traces by OTLP itself'
    return { ...decision, selected: false, rule }
  }

  #exclusion(subject: Subject): string | undefined {
    const { exclude, defaultExclude } = this.#rules
    if (subject.process.tgid === this.#ownTgid) return 'default: weir itself'
    if (defaultExclude === undefined) {
      const rule = defaultRule(subject)
      if (rule !== undefined) return rule
    }
    const byDefault = (defaultExclude ?? []).findIndex((one) => matches(one, subject))
    if (byDefault >= 0) return `default_exclude_instrument[${byDefault}]`
    const excluded = exclude.findIndex((one) => matches(one, subject))
    return excluded < 0 ? undefined : (exclude[excluded]?.rule ?? `exclude_instrument[${excluded}]`)
  }

  /** All entries that match count; what a later one says overrides what an earlier one said. */
  #choose(subject: Subject, parent: Decision | undefined): Decision {
    const { instrument } = this.#rules
    if (instrument.length === 0) return selected('default: every process', DEFAULT_SETTINGS)
    const matching = [...instrument.entries()].filter(([, one]) => matches(one, subject))
    if (matching.length === 0) return inherited(parent)
    const rule = matching.map(([index, one]) => one.rule ?? `instrument[${index}]`).join(', ')
    const settings = matching.map(([, entry]) => entry.settings)
    return selected(rule, Object.assign({}, DEFAULT_SETTINGS, ...settings) as ServiceSettings)
  }
}

const selected = (rule: string, settings: ServiceSettings): Decision => ({
  selected: true,
  rule,
  chosenBy: rule,
  settings,
})

/** As in OBI, a process whose parent an entry chose is chosen too: workers, and what scripts start. */
function inherited(parent: Decision | undefined): Decision {
  if (parent === undefined || parent.chosenBy === '') {
    return rejected('no entry of instrument matches')
  }
  const suffix = ' by its parent'
  const rule = parent.chosenBy.endsWith(suffix) ? parent.chosenBy : parent.chosenBy + suffix
  return selected(rule, parent.settings)
}
