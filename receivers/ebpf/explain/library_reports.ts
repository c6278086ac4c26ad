import type { Descriptions } from '../discovery/description.ts'
import type { Process } from '../discovery/process.ts'
import type { Sources } from '../sources/sources.ts'
import type { TlsReport } from './report.ts'
import { tlsOf } from './tls.ts'

/** What can encrypt in a process, and whether it is read; not, whether it is used. */
export function libraryReports(
  process: Process,
  descriptions: Descriptions,
  sources: Sources,
): readonly TlsReport[] {
  const { executable, runtime } = descriptions.of(process)
  return tlsOf(process, executable, runtime, { probed: sources.probed(), users: new Map() })
}
