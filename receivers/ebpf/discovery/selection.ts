import { includesPort, type Ports } from './ports.ts'
import type { Decision, Process } from './process.ts'

/** One entry of `discovery.instrument` or `discovery.exclude_instrument`: all fields that are there must match. */
export interface Selector {
  readonly openPorts?: Ports
  readonly exePath?: RegExp
  readonly cmdArgs?: RegExp
  readonly targetPids?: readonly number[]
}

/** What a decision looks at besides the process itself. */
export interface Surroundings {
  /** TCP ports that the process listens on now. */
  readonly ports: ReadonlySet<number>
  /** Of its parent, when one was made. */
  readonly parent: Decision | undefined
}

function matches(selector: Selector, process: Process, ports: ReadonlySet<number>): boolean {
  const { openPorts, exePath, cmdArgs, targetPids } = selector
  if (targetPids !== undefined && !targetPids.includes(process.tgid)) return false
  if (exePath !== undefined && !exePath.test(process.exePath)) return false
  if (cmdArgs !== undefined && !matchesArguments(cmdArgs, process.args)) return false
  if (openPorts !== undefined && ![...ports].some((port) => includesPort(openPorts, port))) {
    return false
  }
  return true
}

/** With and without the program's name in front: users write either. */
const matchesArguments = (glob: RegExp, args: readonly string[]) =>
  glob.test(args.slice(1).join(' ')) || glob.test(args.join(' '))

/**
 * Telemetry agents: a trace of how a trace is sent helps nobody. By name of the executable, or of the script
 * that an interpreter runs.
 */
const AGENTS = /(?:^|\/)(?:weir|obi|ebpf-instrument|beyla|otelcol[^/]*|otelcontribcol)$/

function isAgent(process: Process): boolean {
  if (AGENTS.test(process.exePath)) return true
  const script = process.args[1]
  return (
    script !== undefined && /(?:^|\/)weir(?:\/(?:dist\/cli|build\/weir)\/main\.js)?$/.test(script)
  )
}

/** The rules that say which processes are watched. Pure: the same process gives the same answer. */
export class Selection {
  readonly #instrument: readonly Selector[]
  readonly #exclude: readonly Selector[]
  readonly #ownTgid: number

  constructor(instrument: readonly Selector[], exclude: readonly Selector[], ownTgid: number) {
    this.#instrument = instrument
    this.#exclude = exclude
    this.#ownTgid = ownTgid
  }

  /** True if a port that opens may change a decision. */
  get looksAtPorts(): boolean {
    return [...this.#instrument, ...this.#exclude].some((one) => one.openPorts !== undefined)
  }

  decide(process: Process, around: Surroundings): Decision {
    if (process.tgid === this.#ownTgid) return { selected: false, rule: 'default: weir itself' }
    if (isAgent(process)) return { selected: false, rule: 'default: a telemetry agent' }
    const excluded = this.#exclude.findIndex((one) => matches(one, process, around.ports))
    if (excluded >= 0) return { selected: false, rule: `exclude_instrument[${excluded}]` }
    if (this.#instrument.length === 0) return { selected: true, rule: 'default: every process' }
    const chosen = this.#instrument.findIndex((one) => matches(one, process, around.ports))
    if (chosen >= 0) return { selected: true, rule: `instrument[${chosen}]` }
    return inherited(around.parent)
  }
}

/** As in OBI, a process whose parent an entry chose is chosen too: workers, and what scripts start. */
function inherited(parent: Decision | undefined): Decision {
  if (parent?.selected !== true) return { selected: false, rule: 'no entry of instrument matches' }
  const suffix = ' by its parent'
  const rule = parent.rule.endsWith(suffix) ? parent.rule : parent.rule + suffix
  return { selected: true, rule }
}
