import {
  ConnFlag,
  ConnRole,
  conn,
  connHead,
  connKey,
  Protocol,
  stream,
} from '../../../bpf/events.gen.ts'
import type { BpfMap } from '../../../native/bpf_map.ts'
import type { OpenTraffic } from '../costs/service_costs.ts'
import { recordsIn } from '../records.ts'
import { type Handshake, handshakeText } from '../tls/sockets.ts'
import type { ConnectionReport } from './report.ts'

const BATCH = 1024

/** Of a connection, how many spans it gave; undefined for one that nobody follows. */
export type SpansOf = (connId: number) => number | undefined

/** Of a socket that carries TLS. */
export type HandshakeOf = (connId: number) => Handshake | undefined

/** Kinds of connections that are told apart by their handshakes, of one process. */
const KINDS_MAX = 16

/**
 * Open connections of each process, by kind, from the kernel's own table. What a TLS library showed is counted with the socket it
 * belongs to, so no byte counts twice.
 */
export function connectionsByProcess(
  conns: BpfMap,
  spansOf: SpansOf,
  handshakeOf: HandshakeOf,
): ReadonlyMap<number, readonly ConnectionReport[]> {
  const entries = readEntries(conns)
  const plaintext = new Map(entries.filter((one) => one.plain).map((one) => [one.key, one]))
  const found = new Map<number, Map<string, ConnectionReport>>()
  for (const entry of entries) {
    if (entry.plain && entry.hasSocket) continue
    const spans = spansOf(entry.connId) ?? 0
    const twin = plaintext.get(entry.twin)
    const shown = twin === undefined ? spans : spans + (spansOf(twin.connId) ?? 0)
    const kinds = found.get(entry.tgid) ?? new Map<string, ConnectionReport>()
    found.set(entry.tgid, kinds)
    const handshake = kinds.size < KINDS_MAX ? handshakeOf(entry.connId) : undefined
    const one = reportOf(entry, shown, twin !== undefined, handshake)
    const key = `${one.role} ${one.protocol} ${one.reading} ${one.handshake}`
    const before = kinds.get(key)
    kinds.set(key, {
      ...one,
      connections: one.connections + (before?.connections ?? 0),
      bytes: one.bytes + (before?.bytes ?? 0),
    })
  }
  return new Map([...found].map(([tgid, kinds]) => [tgid, [...kinds.values()]]))
}

/** What all open connections of each process have moved so far. */
export const openTraffic = (
  connections: ReadonlyMap<number, readonly ConnectionReport[]>,
): ReadonlyMap<number, OpenTraffic> =>
  new Map([...connections].map(([tgid, kinds]) => [tgid, sumOf(kinds)]))

/** Of connections of several kinds. */
export function sumOf(kinds: readonly ConnectionReport[]): OpenTraffic {
  const sum = (some: readonly ConnectionReport[]) => some.reduce((all, one) => all + one.bytes, 0)
  const reading = (how: ConnectionReport['reading']) => kinds.filter((one) => one.reading === how)
  return {
    bytes: sum(kinds),
    bytesInSpans: sum(reading('spans')),
    bytesUnread: sum(reading('not readable')),
  }
}

interface Entry {
  readonly key: string
  readonly twin: string
  readonly connId: number
  readonly tgid: number
  readonly role: number
  readonly protocol: number
  /** Plaintext of a TLS library. */
  readonly plain: boolean
  readonly hasSocket: boolean
  readonly bytes: number
}

function readEntries(conns: BpfMap): Entry[] {
  const entries: Entry[] = []
  for (const { count, values } of conns.scan(BATCH)) {
    const { view } = recordsIn(values)
    for (let i = 0; i < count; i++) entries.push(entryAt(view, i * conns.info.lookupBytes))
  }
  return entries
}

const keyAt = (view: DataView, at: number) =>
  `${connKey.object(view, at)}:${connKey.tgid(view, at)}`

const entryAt = (view: DataView, at: number): Entry => ({
  key: keyAt(view, at + connHead.key),
  twin: keyAt(view, at + conn.twin),
  connId: connHead.connId(view, at),
  tgid: connHead.tgid(view, at),
  role: connHead.role(view, at),
  protocol: connHead.protocol(view, at),
  plain: (connHead.flags(view, at) & ConnFlag.TLS) !== 0,
  hasSocket: connKey.object(view, at + conn.twin) !== 0n,
  bytes: stream.position(view, at + conn.in) + stream.position(view, at + conn.out),
})

const ROLES: Readonly<Record<number, ConnectionReport['role']>> = {
  [ConnRole.SERVER]: 'server',
  [ConnRole.CLIENT]: 'client',
}

function reportOf(
  entry: Entry,
  spans: number,
  readable: boolean,
  handshake: Handshake | undefined,
): ConnectionReport {
  const tls = entry.protocol === Protocol.TLS || entry.plain
  const unread = entry.protocol === Protocol.TLS && !entry.plain && !readable
  return {
    role: ROLES[entry.role] ?? 'unknown',
    protocol: nameOf(entry, spans, tls),
    reading: spans > 0 ? 'spans' : unread ? 'not readable' : 'none yet',
    handshake: unread && handshake !== undefined ? handshakeText(handshake) : '',
    connections: 1,
    bytes: entry.bytes,
  }
}

/** As bpf/include/events.h calls them: `HTTP1`. */
const PROTOCOLS = new Map<number, string>(
  Object.entries(Protocol).map(([name, number]) => [number, name]),
)

function nameOf({ protocol }: Entry, spans: number, tls: boolean): string {
  const unknown = protocol === Protocol.UNKNOWN || protocol === Protocol.TLS
  // Streams begin as HTTP/1: what gave a span is no other.
  const name = unknown ? (spans > 0 ? 'HTTP1' : '') : (PROTOCOLS.get(protocol) ?? '')
  if (tls) return name === '' ? 'TLS' : `${name} over TLS`
  return name === '' ? 'unknown' : name
}
