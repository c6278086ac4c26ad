import type { BpfMap } from '../../../../native/bpf_map.ts'
import { findElfSymbols, readElfInfo } from '../../../../native/elf.ts'
import { usingBytes } from '../file_bytes.ts'
import { dropOldest, type Inspection } from '../probed_files.ts'
import { describeCost, type Probe, type ProbePlan, planFile, SSL_FUNCTIONS } from './probes.ts'
import { ReadRegistersTable } from './read_registers.ts'

const PLANS_MAX = 64 // build ids

/**
 * Finds where files are to be probed. A build that was seen before, in another file, is not disassembled again. `readPoints`: the
 * map `read_points` of bpf/openssl.
 */
export function opensslInspector(readPoints: BpfMap): (path: string) => Promise<Inspection<Probe>> {
  const plans = new Map<string, ProbePlan>()
  const registers = new ReadRegistersTable(readPoints)

  const planOf = async (path: string): Promise<ProbePlan> => {
    const info = await readElfInfo(path)
    const known = plans.get(info.buildId)
    if (known !== undefined) return known
    const symbols = await findElfSymbols(path, SSL_FUNCTIONS)
    const plan = usingBytes(path, (read) => planFile(symbols, info.machine, read))
    if (info.buildId === '') return plan
    plans.set(info.buildId, plan)
    dropOldest(plans, PLANS_MAX)
    return plan
  }

  return async (path) => {
    const plan = await planOf(path)
    const probes = registers.enter(plan.probes) ? plan.probes : plan.plain
    return { probes, costly: describeCost(plan, probes) }
  }
}
