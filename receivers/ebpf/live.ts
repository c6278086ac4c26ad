import { Stat } from '../../bpf/events.gen.ts'
import { RingReader } from '../../native/ring_reader.ts'
import type { Clock } from './clock.ts'
import { ConnectionHost, type HostOptions } from './connection_host.ts'
import { Connections } from './connections.ts'
import { Costs } from './costs/costs.ts'
import { ProbeHits } from './costs/probe_hits.ts'
import { ProbeLimit } from './costs/probe_limit.ts'
import type { Counters } from './counters.ts'
import { Datagrams } from './datagrams.ts'
import type { PodFinder } from './discovery/awaited_pods.ts'
import { Decisions } from './discovery/decisions.ts'
import type { Descriptions } from './discovery/description.ts'
import { LostRecords } from './discovery/lost_records.ts'
import { ProcessTable } from './discovery/process_table.ts'
import type { DrainedRing } from './drain.ts'
import { libraryReports } from './explain/library_reports.ts'
import type { Kernel } from './kernel.ts'
import { KernelStats } from './kernel_stats.ts'
import type { EbpfOptions } from './options.ts'
import type { Outputs } from './outputs.ts'
import type { OwnSockets } from './own_sockets.ts'
import type { PendingSpans } from './pending_spans.ts'
import { readProcessRecord } from './process_records.ts'
import { ProgressPoll } from './progress.ts'
import type { Services } from './services.ts'
import type { ReceiverHost } from './source_host.ts'
import type { Sources } from './sources/sources.ts'
import { UnreadLibraries } from './tls/unread_library.ts'
import { Verdicts } from './verdicts.ts'

/** What there is only once the kernel side is loaded. */
export interface Live {
  readonly processes: ProcessTable
  readonly connections: Connections
  readonly datagrams: Datagrams
  readonly costs: Costs
  readonly probeLimit: ProbeLimit
  readonly lostRecords: LostRecords
  readonly progress: ProgressPoll
  readonly stats: KernelStats
  readonly processRing: DrainedRing
  readonly rings: DrainedRing
}

/** What a session has before that. */
export interface LiveParts {
  readonly options: EbpfOptions
  readonly kernel: Kernel
  readonly sources: Sources
  readonly host: ReceiverHost
  readonly clock: Clock
  readonly counters: Counters
  readonly spans: PendingSpans
  readonly outputs: Outputs
  readonly services: Services
  readonly descriptions: Descriptions
  readonly ownSockets: OwnSockets
  readonly pods: PodFinder
}

/** At least one object is loaded, whose maps all share. */
export function makeLive(parts: LiveParts): Live {
  const { options, kernel, sources, host, counters } = parts
  const map = (name: string) => kernel.map(name)
  const hits = new ProbeHits(map('probe_hits').memory())
  const costs = new Costs({
    hits,
    services: parts.services,
    trapCosts: () => sources.trapCosts(),
    probed: () => sources.probed(),
  })
  const processes = makeProcesses(parts, costs)
  const stats = new KernelStats(map('stats'))
  const hostOptions = makeHostOptions(parts, processes, costs)
  const datagrams = makeDatagrams(parts, hostOptions, stats)
  const connections = new Connections({
    ...hostOptions,
    max: options.kernel.connections,
    libraries: new UnreadLibraries((process) =>
      libraryReports(process, parts.descriptions, sources),
    ),
    onDatagram: (from, at, length) => datagrams.record(from, at, length),
  })
  const events = sources.follow(processes)
  return {
    processes,
    connections,
    datagrams,
    costs,
    probeLimit: new ProbeLimit({
      limit: options.maxProbeRate,
      hits,
      find: (tgid) => processes.find(tgid),
      takeOut: (process, why) => sources.overRate(process, why),
      tell: (files, why) => host.overRate(files, why),
    }),
    lostRecords: new LostRecords({
      lost: () => stats.count(Stat.LOST_PROCESS),
      recover: () => sources.watch(processes.rescan().filter(({ tgid }) => host.watched(tgid))),
    }),
    progress: new ProgressPoll(map('conns'), () => stats.count(Stat.LOST_END)),
    stats,
    processRing: {
      reader: new RingReader([map('process_ring')]),
      onRecord: (from, at, length) => readProcessRecord(from, at, length, events, counters),
    },
    rings: {
      reader: new RingReader(
        Array.from({ length: options.kernel.rings }, (_, i) => map(`ring_${i}`)),
      ),
      onRecord: (from, at, length) => connections.record(from, at, length),
    },
  }
}

const makeProcesses = (parts: LiveParts, costs: Costs): ProcessTable =>
  new ProcessTable({
    selection: parts.options.selection,
    decisions: new Decisions(parts.kernel.map('decisions').memory()),
    descriptions: parts.descriptions,
    epochBootNs: parts.clock.epochBootNs,
    nowNs: () => parts.clock.nowNs(),
    count: (reason) => parts.counters.add(reason),
    pods: parts.pods,
    left: (known) => costs.leave(known),
  })

const makeHostOptions = (parts: LiveParts, processes: ProcessTable, costs: Costs): HostOptions => ({
  clock: parts.clock,
  counters: parts.counters,
  books: costs.books,
  spans: parts.spans,
  ownSockets: parts.ownSockets,
  processes,
  services: parts.services,
  verdicts: new Verdicts(parts.kernel.map('verdicts').memory()),
  wanted: parts.outputs,
  openStream: parts.options.openStream,
})

const makeDatagrams = (parts: LiveParts, host: HostOptions, stats: KernelStats): Datagrams =>
  new Datagrams({
    ports: parts.options.dnsPorts,
    memory: parts.kernel.map('udp_ports').memory(),
    lookups: parts.options.lookups,
    host: new ConnectionHost(host),
    wanted: parts.outputs,
    lost: () => stats.count(Stat.LOST_DATAGRAM),
  })
