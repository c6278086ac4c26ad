import { NO_PODS, type PodFinder } from '../receivers/ebpf/discovery/awaited_pods.ts'
import { Decisions } from '../receivers/ebpf/discovery/decisions.ts'
import { Descriptions } from '../receivers/ebpf/discovery/description.ts'
import { ProcessTable } from '../receivers/ebpf/discovery/process_table.ts'
import { isHidden, listTgids } from '../receivers/ebpf/discovery/procfs.ts'
import { Selection } from '../receivers/ebpf/discovery/selection.ts'
import { Explainer } from '../receivers/ebpf/explain/explainer.ts'
import type { Explanation } from '../receivers/ebpf/explain/report.ts'
import { asksOfConfig, rulesOfConfig } from '../receivers/ebpf/factory.ts'
import { AllRoutes } from '../receivers/ebpf/routes/routes.ts'
import { Services } from '../receivers/ebpf/services.ts'
import { configurationOf } from './configuration.ts'
import { explanationText, overviewText } from './explain_text.ts'
import { askAgent, bodyOf, socketOf } from './status_client.ts'
import type { Arguments } from './verb.ts'
import { version } from './version.ts'

/** Explains processes: 0 if there are any of that name. */
export async function run(args: Arguments): Promise<number> {
  const [word] = args.words
  const explanation = (await fromAgent(args, word ?? 'all')) ?? (await alone(args, word ?? 'all'))
  const json = args.flags['json'] === true
  const text = word === undefined ? overviewText(explanation) : explanationText(explanation)
  process.stdout.write(json ? `${JSON.stringify(explanation, null, 2)}\n` : `${text}\n`)
  if (explanation.processes.length > 0) return 0
  process.stderr.write(`${nobodyText(word ?? 'all')}\n`)
  return 1
}

function nobodyText(word: string): string {
  const [, colon, number] = /^(:?)(\d+)$/.exec(word) ?? []
  if (number === undefined) return `No process runs that ${JSON.stringify(word)} would name.`
  const port = `listens on port ${number}`
  return colon === ':' ? `No process ${port}.` : `No process has the id ${number} or ${port}.`
}

async function fromAgent(args: Arguments, word: string): Promise<Explanation | undefined> {
  const response = await askAgent(socketOf(args), `/v1/explain?word=${encodeURIComponent(word)}`)
  return response && (JSON.parse(await bodyOf(response)) as Explanation)
}

/** What can be said without an agent: what the configuration would select, and what the processes are. */
async function alone(args: Arguments, word: string): Promise<Explanation> {
  const config = await receiverFrom(args)
  const rules = config === undefined ? {} : rulesOfConfig(config)
  const asks = config !== undefined && asksOfConfig(config) !== undefined
  const processes = new ProcessTable({
    selection: new Selection(rules, process.pid),
    decisions: new Decisions(new ArrayBuffer(0)),
    descriptions: new Descriptions(),
    epochBootNs: 0n,
    nowNs: () => 0,
    count: () => undefined,
    pods: asks ? ONLY_AGENTS_ASK : NO_PODS,
  })
  processes.scan()
  tellOfHidden()
  const routes = new AllRoutes({
    patterns: [],
    ignored: [],
    ignoreMode: 'all',
    unmatched: 'unset',
    wildcard: '*',
    maxNames: 100,
  })
  const services = new Services(new Descriptions(), routes)
  return new Explainer(version(), processes, services).explain(word, undefined)
}

/** What another user runs is not among the processes of the table. */
function tellOfHidden(): void {
  const hidden = process.geteuid?.() === 0 ? 0 : listTgids().filter((one) => isHidden(one)).length
  if (hidden === 0) return
  const text = `Processes of other users are left out, ${hidden} of them: run it as root.`
  process.stderr.write(`${text}\n`)
}

/** What Kubernetes would tell is left open. */
const ONLY_AGENTS_ASK: PodFinder = { find: () => undefined, waitNs: Number.POSITIVE_INFINITY }

/** What is configured of the ebpf receiver, if there is one. */
async function receiverFrom(args: Arguments): Promise<unknown> {
  const { pipelines } = await configurationOf(args)
  for (const { factory, config } of pipelines.receivers.values()) {
    if (factory.type === 'ebpf') return config
  }
  return undefined
}
