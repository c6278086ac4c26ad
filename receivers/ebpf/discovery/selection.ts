import { type PodNeeds, podNeedsOf } from './pod_needs.ts'
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

/** A rule that matches, or is going to be decided by what Kubernetes tells. */
interface Matched {
  readonly match: true | 'awaited'
  readonly rule: string
}

/** Whatever an entry of exclude_instrument names, it may have been that. */
const UNKNOWN: Matched = {
  match: true,
  rule: 'exclude_instrument: it ended before anything was known of it',
}

function defaultRule({ process, pod, describe }: Subject): Matched | undefined {
  if (isAgent(process)) return { match: true, rule: 'default: a telemetry agent' }
  if (process.cgroup.podUid === '') return undefined
  const known = describe().container.namespace
  if (known === '' && pod === 'awaited') return { match: pod, rule: 'default: namespaces' }
  const namespace = known === '' && typeof pod === 'object' ? pod.namespace : known
  return SYSTEM_NAMESPACES.test(namespace)
    ? { match: true, rule: `default: the namespace ${namespace}` }
    : undefined
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

const awaiting = (rule: string): Decision => ({
  ...rejected(`undecided until its pod is known: ${rule}`),
  awaitsPod: true,
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

  /** What its entries ask of Kubernetes. */
  get podNeeds(): PodNeeds {
    const { instrument, exclude, defaultExclude = [] } = this.#rules
    return podNeedsOf([...instrument, ...exclude, ...defaultExclude])
  }

  /** True if a port that opens may change a decision. */
  get looksAtPorts(): boolean {
    const { instrument, exclude, defaultExclude = [] } = this.#rules
    return [...instrument, ...exclude, ...defaultExclude].some((one) => one.openPorts !== undefined)
  }

  decide(process: Process, around: Surroundings): Decision {
    const { ports, pod } = around
    const subject: Subject = { process, ports, pod, describe: () => around.describe() }
    const excluded = this.#exclusion(subject)
    if (excluded?.match === true) return rejected(excluded.rule)
    const decision = this.#choose(subject, around.parent)
    if (!decision.selected) return decision
    if (excluded !== undefined) return awaiting(excluded.rule)
    const { exportsTraces, exportsMetrics } = decision.settings
    if (!exportsTraces && !exportsMetrics) {
      const rule = `${decision.rule}: its exports have neither traces nor metrics`
      return { ...decision, selected: false, rule }
    }
    if (!around.exportsOtlp || !this.#rules.excludeInstrumented) return decision
    const rule = 'exclude_otel_instrumented_services: it exports traces by OTLP itself'
    return { ...decision, selected: false, rule }
  }

  /** What excludes for certain, else what may. */
  #exclusion(subject: Subject): Matched | undefined {
    const { exclude, defaultExclude } = this.#rules
    if (subject.process.isUnknown && exclude.length > 0) return UNKNOWN
    if (subject.process.tgid === this.#ownTgid) return { match: true, rule: 'default: weir itself' }
    const found = [
      defaultExclude === undefined ? defaultRule(subject) : undefined,
      ...matching(defaultExclude ?? [], 'default_exclude_instrument', subject),
      ...matching(exclude, 'exclude_instrument', subject),
    ]
    return found.find((one) => one?.match === true) ?? found.find((one) => one !== undefined)
  }

  /** All entries that match count; what a later one says overrides what an earlier one said. */
  #choose(subject: Subject, parent: Decision | undefined): Decision {
    const { instrument } = this.#rules
    if (instrument.length === 0) return selected('default: every process', DEFAULT_SETTINGS)
    const found = matching(instrument, 'instrument', subject)
    const certain = found.filter(({ match }) => match === true)
    const [awaited] = found
    if (certain.length === 0 && awaited !== undefined) return awaiting(awaited.rule)
    if (certain.length === 0) return inherited(parent)
    const rule = certain.map((one) => one.rule).join(', ')
    const settings = certain.map(({ entry }) => entry.settings)
    return selected(rule, Object.assign({}, DEFAULT_SETTINGS, ...settings) as ServiceSettings)
  }
}

/** The entries of a list that match, or may. */
const matching = <T extends Selector>(entries: readonly T[], list: string, subject: Subject) =>
  entries.flatMap((entry, index): (Matched & { readonly entry: T })[] => {
    const match = matches(entry, subject)
    return match === false ? [] : [{ match, rule: entry.rule ?? `${list}[${index}]`, entry }]
  })

const selected = (rule: string, settings: ServiceSettings): Decision => ({
  selected: true,
  rule,
  chosenBy: rule,
  settings,
})

/** As in OBI, a process whose parent an entry chose is chosen too: workers, and what scripts start. */
function inherited(parent: Decision | undefined): Decision {
  if (parent?.awaitsPod) return { ...parent, rule: `${parent.rule}, as its parent` }
  if (parent === undefined || parent.chosenBy === '') {
    return rejected('no entry of instrument matches')
  }
  const suffix = ' by its parent'
  const rule = parent.chosenBy.endsWith(suffix) ? parent.chosenBy : parent.chosenBy + suffix
  return selected(rule, parent.settings)
}
