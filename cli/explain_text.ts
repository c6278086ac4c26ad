import type {
  ConnectionReport,
  Explanation,
  ProcessReport,
  TlsReport,
  TrafficReport,
} from '../receivers/ebpf/explain/report.ts'
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
  const others = processes.length - rows.length
  const rest = `${others} other ${others === 1 ? 'process is' : 'processes are'} not watched: \`weir explain all\` says why.`
  return [headText(agent), ...table([head, ...rows]), rest].join('\n')
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
  return [`Agent ${agent.pid}, ${hooks}. Exchanges: ${agent.books}`, ...missing].join('\n')
}

const languageOf = ({ runtime }: ProcessReport): string =>
  [runtime.name === '' ? runtime.language : runtime.name, runtime.version]
    .filter((one) => one !== '')
    .join(' ')

function tlsInBrief(tls: readonly TlsReport[]): string {
  const read = tls.find((one) => one.read === true)
  if (read !== undefined) return read.library
  const [first] = tls
  return first === undefined ? '' : `${first.library} (not read)`
}

function processText(report: ProcessReport): string {
  const { pid, executable, service } = report
  const steps = [
    ['watched', `${report.selected ? 'yes' : 'no'}: ${report.rule}${outcome(report)}`],
    ['name', `${service.name} (${service.rule})${aside('namespace', service.namespace)}`],
    ['version', service.version],
    ['runtime', `${languageOf(report)} (${report.runtime.by})`],
    ['program', report.arguments.join(' ')],
    ['build id', report.buildId],
    ['listens on', report.ports.join(', ')],
    ['container', containerText(report)],
    ['cgroup', report.cgroup],
    ...report.tls.map((tls) => ['TLS', tlsText(tls)]),
    ...trafficSteps(report),
  ]
  const lines = table(steps.filter(([, text]) => text !== '').map((step) => ['', ...step]))
  return [`${pid} ${executable}`, ...lines].join('\n')
}

const outcome = ({ selected }: ProcessReport): string =>
  selected ? '' : ' (reason 105: it makes no spans)'

const aside = (name: string, text: string): string => (text === '' ? '' : `, ${name} ${text}`)

function containerText({ container }: ProcessReport): string {
  if (container.id === '') return ''
  const pod = container.pod === '' ? '' : `, pod ${container.namespace}/${container.pod}`
  return `${container.id.slice(0, 12)}${container.name === '' ? '' : ` ${container.name}`}${pod}`
}

function tlsText({ library, file, read, why }: TlsReport): string {
  const state = read === true ? 'read' : read === false ? 'not readable' : 'not looked at'
  return `${library}, ${state}: ${why} (${file})`
}

function trafficSteps({ selected, traffic }: ProcessReport): string[][] {
  if (traffic === undefined || (!selected && traffic.spans === 0)) return []
  return [
    ['spans', `${traffic.spans}${aside('names', traffic.routes === 0 ? '' : `${traffic.routes}`)}`],
    ...traffic.connections.map((one) => ['open', connectionText(one)]),
    ['coverage', coverageText(traffic)],
    ...traffic.collapsed.map((one) => ['routes', `taken for names of things: ${one}`]),
  ]
}

const READING: Readonly<Record<ConnectionReport['reading'], string>> = {
  spans: 'seen as spans',
  'none yet': 'no span yet',
  'not readable': 'TLS, not readable (reason 110: no probe shows its plaintext)',
}

const connectionText = ({ connections, role, protocol, reading, bytes }: ConnectionReport) =>
  `${connections} as ${role}, ${protocol}: ${READING[reading]}, ${bytes} bytes`

/** Bytes of open connections that gave spans, of all that they moved. */
function coverageText({ spans, connections }: TrafficReport): string {
  const sum = (some: readonly ConnectionReport[]) => some.reduce((all, one) => all + one.bytes, 0)
  const all = sum(connections)
  if (all === 0) return spans > 0 ? '' : 'nothing was seen yet: does it serve or send requests?'
  const explained = sum(connections.filter(({ reading }) => reading === 'spans'))
  return `${Math.round((100 * explained) / all)} % of the bytes of open connections are in spans`
}
