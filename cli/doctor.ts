import type { PipelineConfig } from '../pipeline/graph_config.ts'
import { configurationOf } from './configuration.ts'
import { bpfChecks } from './doctor/bpf_checks.ts'
import type { Check, State } from './doctor/check.ts'
import { endpointChecks } from './doctor/endpoint_checks.ts'
import { hostChecks, kernelIsSince } from './doctor/host_checks.ts'
import { kubernetesChecks } from './doctor/kubernetes_checks.ts'
import { unitFor } from './systemd_unit.ts'
import { type Arguments, UsageError } from './verb.ts'

const EXIT: Readonly<Record<State, number>> = { ok: 0, failed: 1, degraded: 3 }

/** Tries what an agent with this configuration would do. The exit code is that of the worst finding. */
export async function run(args: Arguments): Promise<number> {
  if (args.flags['systemd'] === true) {
    const others = Object.keys(args.flags).filter((name) => name !== 'systemd')
    if (others.length > 0) {
      throw new UsageError(
        `--systemd and --${others[0]} do not go together`,
        'give --systemd alone',
      )
    }
    process.stdout.write(unitFor(capabilitiesNeeded()))
    return 0
  }
  const { pipelines } = await configurationOf(args)
  const checks = [
    ...(usesEbpf(pipelines) ? [...hostChecks(), ...(await bpfChecks())] : []),
    ...(await kubernetesChecks(pipelines)),
    ...(await endpointChecks(pipelines)),
  ]
  const worst = worstOf(checks)
  const needs = capabilitiesNeeded()
  const report = { state: worst, checks, capabilities: needs, securityContext: contextOf(needs) }
  const json = args.flags['json'] === true
  process.stdout.write(`${json ? JSON.stringify(report, null, 2) : textOf(checks, worst, needs)}\n`)
  return EXIT[worst]
}

function usesEbpf({ receivers, pipelines }: PipelineConfig): boolean {
  const used = [...pipelines.values()].flatMap((pipeline) => pipeline.receivers)
  return used.some((id) => receivers.get(id)?.factory.type === 'ebpf')
}

function worstOf(checks: readonly Check[]): State {
  const states = checks.map(({ state }) => state)
  return states.includes('failed') ? 'failed' : states.includes('degraded') ? 'degraded' : 'ok'
}

/** Of the ebpf receiver on this kernel. */
function capabilitiesNeeded(): readonly string[] {
  const needed = ['BPF', 'PERFMON', 'SYS_PTRACE', 'DAC_READ_SEARCH']
  return kernelIsSince([5, 11]) ? needed : [...needed, 'SYS_RESOURCE']
}

const contextOf = (add: readonly string[]) => ({
  runAsUser: 0,
  readOnlyRootFilesystem: true,
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'], add },
})

const MARKS: Readonly<Record<State, string>> = {
  ok: 'ok      ',
  degraded: 'degraded',
  failed: 'failed  ',
}
const CLOSING: Readonly<Record<State, string>> = {
  ok: 'Everything works.',
  degraded: 'weir runs here, without what is degraded.',
  failed: 'weir cannot do its work here before what failed is mended.',
}

function textOf(checks: readonly Check[], worst: State, needs: readonly string[]): string {
  const lines = checks.flatMap(({ name, state, detail, fix }) => [
    `${MARKS[state]}  ${name}: ${detail}`,
    ...(fix === '' ? [] : [`          fix: ${fix}`]),
  ])
  const capabilities = needs.map((name) => `CAP_${name}`).join(' ')
  return [
    ...lines,
    '',
    `Capabilities that the ebpf receiver needs: ${capabilities}`,
    'As a securityContext, with hostPID: true:',
    '  runAsUser: 0',
    '  readOnlyRootFilesystem: true',
    '  allowPrivilegeEscalation: false',
    `  capabilities: { drop: [ALL], add: [${needs.join(', ')}] }`,
    '',
    CLOSING[worst],
  ].join('\n')
}
