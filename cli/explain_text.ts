import type { CpuShare } from '../receivers/ebpf/costs/service_costs.ts'
import type {
  AgentReport,
  ConnectionReport,
  Explanation,
  ProcessReport,
  ReasonReport,
  TlsReport,
  TrafficReport,
} from '../receivers/ebpf/explain/report.ts'
import { REASONS, type ReasonName } from '../receivers/ebpf/reasons.ts'
import { unreadOf } from '../receivers/ebpf/tls/unread_library.ts'
import { table } from './table.ts'

/** A line for each watched process. */
export function overviewText({ agent, processes }: Explanation): string {
  const rows = processes
    .filter(({ selected }) => selected)
    .map((one) => [
      String(one.pid),
      one.service.name,
      languageOf(one),
      one.ports.join(','),
      tlsInBrief(one.tls),
      one.traffic === undefined ? '-' : String(one.traffic.spans),
      one.rule,
    ])
  const head = ['PID', 'SERVICE', 'RUNTIME', 'PORTS', 'TLS', 'SPANS', 'SELECTED BY']
  const awaiting = processes.filter(({ awaitsPod }) => awaitsPod).length
  const others = processes.length - rows.length
  const rest = `${others} other ${others === 1 ? 'process is' : 'processes are'} not watched: \`weir explain all\` says why.`
  const undecided = `${awaiting} of them ${awaiting === 1 ? 'waits' : 'wait'} for what Kubernetes tells of pods.`
  const lines = [headText(agent), ...table([head, ...rows]), rest]
  return [...lines, ...(awaiting === 0 ? [] : [undecided])].join('\n')
}

/** All that is known, process by process. */
export const explanationText = ({ agent, processes }: Explanation): string =>
  [headText(agent), ...processes.map(processText)].join('\n\n')

function headText(agent: Explanation['agent']): string {
  if (agent === undefined) {
    return 'No agent runs: this is what weir would do with this configuration, and nothing was seen yet.'
  }
  const missing = agent.missing.map((one) => `  not available: ${one}`)
  const hooks = agent.hooks === '' ? 'no hooks' : `hooks: ${agent.hooks}`
  return [
    `Agent ${agent.pid}, ${hooks}. Exchanges: ${agent.books}`,
    ...missing,
    ...(agent.kubernetes === '' ? [] : [`  Kubernetes: ${agent.kubernetes}`]),
    ...endedLines(agent),
    ...trapLines(agent),
  ].join('\n')
}

const NAMES_SHOWN = 5

/** As docs/telemetry.md lists it. */
const numbered = (name: ReasonName): string => `reason ${REASONS[name].number}`

function endedLines({ ended }: AgentReport): string[] {
  if (ended.length === 0) return []
  const most = [...ended].sort((a, b) => b.times - a.times).slice(0, NAMES_SHOWN)
  const names = most.map(({ name, times }) => (times === 1 ? name : `${name} (${times} times)`))
  const rest = ended.length - most.length
  const more = rest === 0 ? '' : `, and ${rest} more (--json)`
  return [
    `  new programs that ended before they were inspected (${numbered('ended_unread')}): ${names.join(', ')}${more}`,
  ]
}

const us = (ns: number): string => `${(ns / 1000).toFixed(2)} us`

function trapLines({ probeTraps }: AgentReport): string[] {
  if (probeTraps === undefined) return []
  const { emulatedNs, steppedNs } = probeTraps
  return [
    `  a probe costs whoever passes it, watched or not: ${us(emulatedNs)}, single-stepped ${us(steppedNs)} (measured on weir itself)`,
  ]
}

const languageOf = ({ runtime }: ProcessReport): string =>
  [runtime.name === '' ? runtime.language : runtime.name, runtime.version]
    .filter((one) => one !== '')
    .join(' ')

function tlsInBrief(tls: readonly TlsReport[]): string {
  const read = tls.find((one) => one.read === true)
  if (read !== undefined) return read.library
  const [first] = tls
  if (first === undefined) return ''
  return `${first.library} (${first.read === false ? 'not readable' : 'not looked at'})`
}

function processText(report: ProcessReport): string {
  const { pid, executable, service } = report
  const steps = [
    ['watched', `${watchedText(report)}: ${report.rule}${outcome(report)}`],
    ['name', `${service.name} (${service.rule})${aside('namespace', service.namespace)}`],
    ['version', service.version],
    ['runtime', `${languageOf(report)} (${report.runtime.by})`],
    ['program', report.arguments.join(' ')],
    ['build id', report.buildId],
    ['listens on', report.ports.join(', ')],
    ['container', containerText(report)],
    ...podSteps(report),
    ['cgroup', report.cgroup],
    ...report.tls.map((tls) => ['TLS', tlsText(tls)]),
    ...trafficSteps(report),
  ]
  const lines = table(steps.filter(([, text]) => text !== '').map((step) => ['', ...step]))
  return [`${pid} ${executable}`, ...lines].join('\n')
}

const watchedText = ({ selected, awaitsPod }: ProcessReport): string =>
  awaitsPod ? 'not yet' : selected ? 'yes' : 'no'

function outcome({ selected, awaitsPod }: ProcessReport): string {
  if (awaitsPod) return ` (${numbered('pod_awaited')}: what it does waits)`
  return selected ? '' : ` (${numbered('not_selected')}: it makes no spans)`
}

/** As Kubernetes tells it. Of labels and annotations those that a selector or a name asks for. */
function podSteps({ pod }: ProcessReport): string[][] {
  if (pod === undefined) return []
  const { namespace, name, owner, labels, annotations } = pod
  const list = (texts: Readonly<Record<string, string>>) =>
    Object.entries(texts)
      .map(([key, value]) => `${key}=${value}`)
      .join(', ')
  return [
    ['pod', `${namespace}/${name} of ${owner.kind} ${owner.name}, told by Kubernetes`],
    ['pod labels', list(labels)],
    ['pod annotations', list(annotations)],
  ]
}

const aside = (name: string, text: string): string => (text === '' ? '' : `, ${name} ${text}`)

function containerText({ container }: ProcessReport): string {
  if (container.id === '') return ''
  const pod = container.pod === '' ? '' : `, pod ${container.namespace}/${container.pod}`
  return `${container.id.slice(0, 12)}${container.name === '' ? '' : ` ${container.name}`}${pod}`
}

function tlsText({ library, file, read, used, why }: TlsReport): string {
  const state = read === true ? 'read' : read === false ? 'not readable' : 'not looked at'
  const use = used === true ? ', used' : used === false ? ', not used so far' : ''
  return `${library}, ${state}${use}: ${why} (${file})`
}

function trafficSteps({ selected, traffic, tls }: ProcessReport): string[][] {
  if (traffic === undefined || (!selected && traffic.spans === 0)) return []
  return [
    ['spans', `${traffic.spans}${aside('names', traffic.routes === 0 ? '' : `${traffic.routes}`)}`],
    ...traffic.connections.map((one) => ['open', connectionText(one, tls)]),
    ['coverage', coverageText(traffic)],
    ...traffic.reasons.map((one) => [KINDS[one.kind], reasonText(one)]),
    ['probes', costText(traffic)],
    ...traffic.collapsed.map((one) => ['routes', `taken for names of things: ${one}`]),
  ]
}

function connectionText(one: ConnectionReport, tls: readonly TlsReport[]): string {
  const { connections, role, protocol, handshake, bytes } = one
  const said = handshake === '' ? '' : ` ${handshake}`
  return `${connections} as ${role}, ${protocol}${said}: ${readingText(one, tls)}, ${bytes} bytes`
}

function readingText({ reading }: ConnectionReport, tls: readonly TlsReport[]): string {
  if (reading === 'spans') return 'seen as spans'
  if (reading === 'none yet') return 'no span yet'
  const found = unreadOf(tls)
  const why =
    found === undefined
      ? 'no library that weir reads has moved a byte of it yet, and no other is known here'
      : `${found.library}, ${found.why}`
  return `TLS, not readable (${numbered('tls_unread')}): ${why}`
}

/** Bytes on connections that gave spans, of all that it moved since weir first saw it. */
function coverageText({ spans, coverage, moved }: TrafficReport): string {
  if (coverage !== undefined) {
    return `${Math.floor(100 * coverage)} % of all bytes that it has moved since weir knows it are in spans: ${moved.bytesInSpans} of ${moved.bytes}`
  }
  return spans > 0 ? '' : 'nothing was seen yet: does it serve or send requests?'
}

const KINDS: Readonly<Record<ReasonReport['kind'], string>> = {
  lost: 'lost',
  skipped: 'skipped',
  note: 'noted',
}

const reasonText = ({ name, number, times }: ReasonReport): string =>
  `${times} times ${name} (reason ${number})`

/** How the cost was measured is in the text, for it is an estimate. */
function costText({ probes, cpu }: TrafficReport): string {
  if (probes === undefined) return ''
  const { hits, trapNs, programNs, cpuNs } = probes
  const trap = trapNs === undefined ? 'passing it (not measured)' : `${us(trapNs)} to pass it`
  return `hit ${hits} times, ${seconds(cpuNs)} s${shareText(cpu)} of its CPU: ${trap}, ${us(programNs)} in its program (timed on each 64th hit)`
}

const seconds = (ns: number): string => (ns / 1e9).toFixed(3)

/** What /proc counts in steps of 10 ms says nothing of less. */
const SHOWN_FROM_NS = 100e6

function shareText({ allNs, probesNs }: CpuShare): string {
  if (allNs < SHOWN_FROM_NS) return ''
  return `, ${((100 * probesNs) / allNs).toFixed(1)} % of the ${seconds(allNs)} s`
}
