import type { Costs } from '../costs/costs.ts'
import type { Kernel } from '../kernel.ts'
import type { Live } from '../live.ts'
import type { Sources } from '../sources/sources.ts'
import { tlsUsers } from '../tls/users.ts'
import type { AgentReport, ConnectionReport } from './report.ts'
import type { LiveTls } from './tls.ts'
import { connectionsByProcess } from './traffic.ts'

/** What a running agent knows beyond the processes themselves. */
export interface LiveFacts {
  readonly agent: AgentReport
  readonly tls: LiveTls
  readonly costs: Costs
  readonly connections: ReadonlyMap<number, readonly ConnectionReport[]>
}

/** Asks the parts of an agent, and the kernel. */
export const liveFacts = (
  agent: AgentReport,
  sources: Sources,
  kernel: Kernel,
  { costs, connections }: Pick<Live, 'costs' | 'connections'>,
): LiveFacts => ({
  agent,
  costs,
  tls: { probed: sources.probed(), users: tlsUsers(kernel.map('tls_users')) },
  connections: openConnections(kernel, connections),
})

/** By process. Reads the kernel's table. */
export const openConnections = (kernel: Kernel, connections: Live['connections']) =>
  connectionsByProcess(
    kernel.map('conns'),
    (id) => connections.spansOf(id),
    (id) => connections.tls.handshakeOf(id),
  )
