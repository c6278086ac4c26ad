import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { slowness } from '../size.ts'
import type { UnreadConnections } from '../support/unread_connections.ts'
import { compare, pathOf } from '../truth/compare.ts'
import type { ReceivedSpan } from '../truth/sink.ts'
import { type CoverageRow, idOf, launcherOf, pidFile, roleOf, type Stage } from './row.ts'
import { type Asked, askServer, startSite } from './site.ts'
import { hasHandshake, isRead, told } from './told.ts'

/** What a row's requests were. */
export interface Played extends Asked {
  readonly row: CoverageRow
  readonly version: string
  /** Of the server that was asked. */
  readonly port: number
}

const FILES = ['small', 'missing', 'large'] as const

const prefixOf = (row: CoverageRow) => `/r/${idOf(row)}-`

/** A program that hangs is given up, and the row with it. */
const PATIENCE_MS = 60_000 * slowness

/** Where rows are played. */
export interface Theatre extends Pick<Stage, 'certificate'> {
  /** Where weir answers. */
  readonly socket: string
  /** What it has sent so far. */
  readonly unread: () => readonly UnreadConnections[]
}

/** Starts the row's program, lets it ask or be asked, and ends it. */
export function playRow(row: CoverageRow, given: Theatre): Promise<Played> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error('it does not end')), PATIENCE_MS)
  return Promise.race([play(row, given), late.promise]).finally(() => clearTimeout(timer))
}

async function play(row: CoverageRow, { certificate, socket, unread }: Theatre): Promise<Played> {
  const folder = await mkdtemp(join(tmpdir(), 'weir-coverage-'))
  try {
    const stage: Stage = {
      folder,
      certificate,
      told: (satisfies) => told(socket, pidFile(folder), satisfies),
    }
    const asked = await (row.serve === undefined
      ? playClient(row, stage)
      : playServer(row, stage, unread))
    return { row, version: await row.version(), ...asked }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function playServer(row: CoverageRow, stage: Stage, unread: Theatre['unread']) {
  const server = await row.serve?.(stage, launcherOf(row, stage.folder))
  if (server === undefined) throw new Error(`${row.program}: no server`)
  const { port } = server
  try {
    if (row.tls !== '' && row.unread === undefined) await stage.told(isRead)
    const asked = await askServer(port, row, prefixOf(row))
    // What it encrypts with is found as long as it lives.
    while (row.unread !== undefined && measured(row, unread()) < asked.connections) await sleep(100)
    return { port, ...asked }
  } finally {
    await server.stop()
  }
}

async function playClient(row: CoverageRow, stage: Stage) {
  // What is read is read from its first request on; what is not must not end before weir has looked at it.
  const gates =
    row.unread === undefined
      ? { handshake: () => stage.told(isRead), answer: async () => undefined }
      : { handshake: async () => undefined, answer: () => stage.told(hasHandshake) }
  const site = await startSite(stage.certificate, gates)
  try {
    const paths = FILES.map((file, i) => `${prefixOf(row)}${i}/${file}`)
    await row.ask?.(stage, launcherOf(row, stage.folder), site.base, paths)
    return { port: site.port, truths: site.asked, connections: site.connections() }
  } finally {
    site.close()
  }
}

/** Its spans. Those of whom it asks, or who asks it, are of the other kind. */
const spansOf = ({ row }: Played, spans: readonly ReceivedSpan[]): ReceivedSpan[] =>
  spans.filter((span) => span.kind === roleOf(row) && pathOf(span).startsWith(prefixOf(row)))

/** Its connections that were not read. */
const unreadOf = (row: CoverageRow, all: readonly UnreadConnections[]) =>
  all.filter((one) => one.service === idOf(row) && one.role === roleOf(row))

/** How many of them. */
const measured = (row: CoverageRow, all: readonly UnreadConnections[]): number =>
  unreadOf(row, all)
    .filter(({ of }) => of === 'duration')
    .reduce((sum, one) => sum + one.connections, 0)

/** Everything has come that is to come of it. */
export const hasCome = (
  played: Played,
  spans: readonly ReceivedSpan[],
  unread: readonly UnreadConnections[],
): boolean =>
  played.row.unread === undefined
    ? spansOf(played, spans).length >= played.truths.length
    : measured(played.row, unread) >= played.connections

/** In words, what is otherwise than the row says; nothing if it holds. */
export function differencesOf(
  played: Played,
  spans: readonly ReceivedSpan[],
  unread: readonly UnreadConnections[],
): string[] {
  const { row, truths } = played
  const mine = spansOf(played, spans)
  if (truths.length === 0) return ['it asked for nothing']
  if (row.unread === undefined) {
    const strange = mine.filter(({ service }) => service !== idOf(row))
    const names = strange.map((span) => `${pathOf(span)}: a span of ${span.service}`)
    return [...names, ...compare(truths, mine, { kind: roleOf(row) }).differences]
  }
  const seen = mine.map((span) => `${pathOf(span)}: a span, though it is not readable`)
  return [...seen, ...unreadDifferences(played, row.unread, unreadOf(row, unread))]
}

function unreadDifferences(
  { row, port, connections }: Played,
  library: string,
  mine: readonly UnreadConnections[],
): string[] {
  const found: string[] = []
  const count = measured(row, mine)
  const isServer = roleOf(row) === 'server'
  if (count !== connections) found.push(`${count} connections were measured of ${connections}`)
  for (const one of mine) {
    if (one.library !== library) found.push(`the library is ${one.library}, not ${library}`)
    if (!isServer && one.address !== `localhost:${port}`)
      found.push(`its server is ${one.address}, not localhost:${port}`)
    if (one.of !== 'duration' && one.sum < 100 * one.connections)
      found.push(`${one.of} is ${one.sum} bytes of ${one.connections} connections`)
  }
  return [...new Set(found)]
}
