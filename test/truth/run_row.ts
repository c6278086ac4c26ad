import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clients, type RunClient } from './clients.ts'
import { type Comparison, compare, pathOf, shareInTime } from './compare.ts'
import { CpuPressure } from './cpu_pressure.ts'
import {
  makeCertificate,
  makeRequests,
  type Server,
  type StartServer,
  type Truth,
} from './programs.ts'
import type { Row } from './rows.ts'
import { servers } from './servers.ts'
import type { ReceivedSpan, Sink } from './sink.ts'

export interface RowPlay {
  /** What the paths begin with: of one row, the same each time that it is played. */
  readonly prefix: string
  readonly requests: number
  readonly sink: Sink
  /** Whether durations are compared. */
  readonly timed: boolean
  /** Instead of those that the row names. */
  readonly server?: StartServer
  readonly client?: RunClient
  /** Called when an adopting row's connections stand and its requests are still to come. */
  readonly hold?: () => Promise<void>
}

export interface RowResult {
  /** In words, of all but durations; empty when the spans are the truth. */
  readonly differences: readonly string[]
  /** The same of durations. */
  readonly late: readonly string[]
  /** How many durations were right, in words. */
  readonly timing: string
  readonly spans: readonly ReceivedSpan[]
}

/** A client and a server, as both of them knew it. */
interface Hop {
  readonly port: number
  readonly asked: readonly Truth[]
  readonly served: readonly Truth[]
}

/**
 * A program that is put off the CPU between its own clock and its system call measures that too, so one request proves nothing
 * on a shared machine: at least such a share of them must be right. How many were is said with each row.
 */
const IN_TIME = { calm: 0.75, crowded: 0.5 } as const
/** A row alone keeps somebody waiting for a CPU for less of the time. */
const CROWDED_WAITED = 0.6
const CROWDED_STOLEN = 0.02
const QUIET_MS = 20_000
const LOG_WITHIN_MS = 2000

/** A client that opens a connection for each request times the connecting too, and wrk times nothing. */
const clientIsTimed = ({ connections, keepAlive, client }: Row) =>
  connections === 1 && (client === 'curl' || (keepAlive && client !== 'wrk'))

/** A server may write its log after the client has gone: waits until it has as many lines as `count`. */
async function read(truth: () => Promise<Truth[]>, count: number, mine: RegExp): Promise<Truth[]> {
  const deadline = performance.now() + LOG_WITHIN_MS
  for (;;) {
    const lines = (await truth()).filter(({ path }) => mine.test(path))
    if (lines.length >= count || performance.now() > deadline) return lines
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function hopsOf(server: Server, asked: readonly Truth[], mine: RegExp): Promise<Hop[]> {
  const count = asked.length
  const served = await read(server.truth, count, mine)
  const first = { port: server.port, asked, served }
  if (server.upstream === undefined) return [first]
  const { upstream } = server
  const passed = await read(upstream.asked, count, mine)
  return [first, ...(await hopsOf(upstream.server, passed, mine))]
}

function compareHop(
  { port, asked, served }: Hop,
  spans: readonly ReceivedSpan[],
  row: Row,
  inTime: number | undefined,
): Comparison[] {
  const mine = spans.filter(({ attributes }) => attributes.get('server.port') === port)
  const mayQueue = row.connections > 1
  return [
    compare(served, mine, { kind: 'server', inTime: mayQueue ? undefined : inTime }),
    compare(asked, mine, { kind: 'client', inTime: clientIsTimed(row) ? inTime : undefined }),
  ]
}

function compareAll(
  hops: readonly Hop[],
  spans: readonly ReceivedSpan[],
  row: Row,
  inTime: number | undefined,
): RowResult {
  const ports = hops.map(({ port }) => port)
  const strangers = spans.filter(
    ({ attributes }) => !ports.includes(Number(attributes.get('server.port'))),
  )
  const all = hops.flatMap((hop) => compareHop(hop, spans, row, inTime))
  const errors = all.flatMap(({ durationErrors }) => durationErrors)
  return {
    spans,
    differences: [
      ...strangers.map((span) => `${pathOf(span)}: a ${span.kind} span of another server`),
      ...all.flatMap(({ differences }) => differences),
    ],
    late: all.flatMap(({ late }) => late),
    timing:
      errors.length === 0
        ? 'durations not compared'
        : `${(shareInTime(errors) * 100).toFixed(1)} % of ${errors.length} durations within 1 % + 1 ms`,
  }
}

/** Those of `sink` that belong to this play, as they come. */
function follow(sink: Sink, mine: RegExp): () => readonly ReceivedSpan[] {
  const found: ReceivedSpan[] = []
  let seen = sink.spans.length
  return () => {
    const fresh = sink.spans.slice(seen)
    seen += fresh.length
    found.push(...fresh.filter((span) => mine.test(pathOf(span))))
    return found
  }
}

/** Plays one row and compares what the sink got with what the programs know. Programs are started and ended here. */
export async function runRow(row: Row, play: RowPlay): Promise<RowResult> {
  const { prefix, sink } = play
  const folder = await mkdtemp(join(tmpdir(), 'weir-row-'))
  const mine = new RegExp(`^${prefix}`)
  const spans = follow(sink, mine)
  let server: Server | undefined
  const pressure = new CpuPressure()
  try {
    const certificate = row.tls ? await makeCertificate(folder) : undefined
    server = await (play.server ?? servers[row.server])(folder, certificate)
    const requests = makeRequests(prefix, play.requests)
    const { connections, keepAlive, streams } = row
    const hold = play.hold !== undefined
    const spec = { base: server.base, requests, connections, keepAlive, streams, hold }
    const asked = await (play.client ?? clients[row.client])(spec, folder, play.hold)
    const answered = asked.filter(({ path }) => mine.test(path))
    const hops = await hopsOf(server, answered, mine)
    await sink.settled(() => spans().length >= 2 * hops.length * answered.length, QUIET_MS)
    const crowded = pressure.waited() > CROWDED_WAITED || pressure.stolen() > CROWDED_STOLEN
    const inTime = crowded ? IN_TIME.crowded : IN_TIME.calm
    return compareAll(hops, spans(), row, play.timed ? inTime : undefined)
  } finally {
    await server?.stop()
    await rm(folder, { recursive: true, force: true })
  }
}
