import type { BpfMap } from '../../../../native/bpf_map.ts'
import { findElfSymbols, readElfInfo } from '../../../../native/elf.ts'
import { usingBytes } from '../file_bytes.ts'
import { buildKey, type Findings } from '../findings.ts'
import type { Inspection } from '../probed_files.ts'
import { describeCost, type Probe, type ProbePlan, planFile, SSL_FUNCTIONS } from './probes.ts'
import { ReadRegistersTable } from './read_registers.ts'

/**
 * Finds where files are to be probed. A build that was seen before, in another file or by another start, is not disassembled again.
 * `readPoints`: the map `read_points` of bpf/openssl.
 */
export function opensslInspector(
  readPoints: BpfMap,
  findings: Findings,
): (path: string) => Promise<Inspection<Probe>> {
  const registers = new ReadRegistersTable(readPoints)

  const planOf = async (path: string): Promise<ProbePlan> => {
    const { buildId, machine } = await readElfInfo(path)
    return findings.of('openssl', buildKey(path, buildId), async () => {
      const symbols = await findElfSymbols(path, SSL_FUNCTIONS)
      return usingBytes(path, (read) => planFile(symbols, machine, read))
    })
  }

  return async (path) => {
    const plan = await planOf(path)
    const probes = registers.enter(plan.probes) ? plan.probes : plan.plain
    return { probes, costly: describeCost(plan, probes) }
  }
}
