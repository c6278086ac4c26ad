import assert from 'node:assert/strict'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { StructLayout } from '../../native/addon.ts'
import { BpfObject } from '../../native/bpf_object.ts'
import { loadObject } from '../../native/load.ts'
import { DRAIN_HEADER_BYTES, RingReader } from '../../native/ring_reader.ts'
import type { ReasonName } from '../../receivers/ebpf/reasons.ts'
import { NO_FINDINGS } from '../../receivers/ebpf/sources/findings.ts'
import { OpensslSource } from '../../receivers/ebpf/sources/openssl.ts'

const OBJECTS = fileURLToPath(
  new URL(`../../../build/bpf/${process.arch === 'x64' ? 'x86_64' : 'arm64'}/`, import.meta.url),
)
const RINGS = ['ring_0', 'ring_1', 'ring_2', 'ring_3']
const BUFFER_BYTES = 8 << 20

const TYPES: Readonly<Record<number, 'chunk' | 'exchange' | 'end'>> = {
  1: 'chunk',
  2: 'exchange',
  3: 'end',
}

const CONN_TLS = 1
const CONN_NO_ADDRESS = 4

/** A record of a connection, as far as these tests look at it. */
export interface TapRecord {
  readonly type: 'chunk' | 'exchange' | 'end'
  readonly connection: number
  readonly tgid: number
  readonly role: number
  readonly localPort: number
  readonly peerPort: number
  readonly tls: boolean
  readonly addressed: boolean
  /** Of an end record: enum end_reason. */
  readonly reason: number
  /** When the first byte of its first run moved, since boot. */
  readonly firstNs: bigint
  /** Captured bytes, of both runs one behind the other. */
  readonly text: string
}

export interface Tap {
  readonly source: OpensslSource
  readonly counts: Map<ReasonName, number>
  /** Records since the last call, those of TLS plaintext of the processes in `tgids`. */
  take(): TapRecord[]
  /** How often each program of bpf/openssl has run. */
  hits(): Map<string, number>
  close(): void
}

/** The TCP and OpenSSL objects of weir, attached, and their records as they come. `rodata` is set in both objects. */
export async function openTap(rodata: Readonly<Record<string, number>> = {}): Promise<Tap> {
  const settings = { cpus: availableParallelism(), ...rodata }
  const tcp = loadObject(`${OBJECTS}tcp.bpf.o`, {
    rodata: settings,
    autoload: Object.fromEntries(tcpPrograms().map((name) => [name, TRACEPOINTS.has(name)])),
  })
  const ring = new RingReader(RINGS.map((name) => tcp.object.map(name)))
  const openssl = loadObject(`${OBJECTS}openssl.bpf.o`, { rodata: settings, reuse: [tcp.object] })
  const layout = (name: string): StructLayout => {
    const found = tcp.object.layout(name)
    if (found === undefined) throw new Error(`no struct ${name} in tcp.bpf.o`)
    return found
  }
  const layouts = {
    head: layout('conn_head'),
    run: layout('run'),
    chunk: layout('chunk'),
    exchange: layout('exchange'),
    end: layout('end'),
  }
  for (const name of TRACEPOINTS) tcp.object.attach(name)
  const counts = new Map<ReasonName, number>()
  const log = () => undefined
  const source = new OpensslSource(
    {
      log: { debug: log, info: log, warn: (message) => console.error(message), error: log },
      processes: () => [],
      watched: () => true,
      forgetFile: () => undefined,
      endedUnread: () => undefined,
      findings: NO_FINDINGS,
      count: (reason, n = 1) => counts.set(reason, (counts.get(reason) ?? 0) + n),
    },
    () => openssl,
  )
  source.start()
  await source.ready()
  const buffer = Buffer.alloc(BUFFER_BYTES)
  return {
    source,
    counts,
    take: () => decode(buffer.subarray(0, ring.drain(buffer)), layouts),
    hits: () => new Map(openssl.object.programs().map(({ name, runCount }) => [name, runCount])),
    close() {
      source.stop()
      tcp.object.close()
      ring.close()
    },
  }
}

/** The family of hooks that every kernel of these tests has. */
const TRACEPOINTS: ReadonlySet<string> = new Set(['inet_sock_set_state', 'sys_exit'])

function tcpPrograms(): string[] {
  const { object } = { object: new BpfObject(`${OBJECTS}tcp.bpf.o`) }
  const names = object.programs().map(({ name }) => name)
  object.close()
  return names
}

interface Layouts {
  readonly head: StructLayout
  readonly run: StructLayout
  readonly chunk: StructLayout
  readonly exchange: StructLayout
  readonly end: StructLayout
}

function decode(bytes: Buffer, layouts: Layouts): TapRecord[] {
  const records: TapRecord[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32LE(at)
    const record = decodeRecord(
      bytes.subarray(at + DRAIN_HEADER_BYTES, at + DRAIN_HEADER_BYTES + length),
      layouts,
    )
    if (record?.tls) records.push(record)
    at += DRAIN_HEADER_BYTES + ((length + 7) & ~7)
  }
  return records
}

const field = ({ fields }: StructLayout, name: string): number => {
  const found = fields[name]
  if (found === undefined) throw new Error(`no field ${name}`)
  return found.offset
}

function decodeRecord(bytes: Buffer, { head, run, ...layouts }: Layouts): TapRecord | undefined {
  if (bytes.length < head.size) return undefined
  const type = TYPES[bytes.readUInt8(field(head, 'type'))]
  if (type === undefined) return undefined
  const flags = bytes.readUInt8(field(head, 'flags'))
  const first = field(layouts[type], type === 'chunk' ? 'run' : 'request')
  return {
    type,
    connection: Number(bytes.readBigUInt64LE(field(head, 'conn_id'))),
    tgid: bytes.readUInt32LE(field(head, 'tgid')),
    role: bytes.readUInt8(field(head, 'role')),
    localPort: bytes.readUInt16LE(field(head, 'local_port')),
    peerPort: bytes.readUInt16LE(field(head, 'peer_port')),
    tls: (flags & CONN_TLS) !== 0,
    addressed: (flags & CONN_NO_ADDRESS) === 0,
    reason: type === 'end' ? bytes.readUInt8(field(layouts.end, 'reason')) : 0,
    firstNs: bytes.readBigUInt64LE(first + field(run, 'first_ns')),
    text: bytes.toString('latin1', layouts[type].size),
  }
}

/** Roles of records. */
export const SERVER = 1
export const CLIENT = 2

/** Requests by path, as one side's exchange records have them. */
export function byPath(
  records: readonly TapRecord[],
  role: number,
  prefix: string,
): Map<string, TapRecord> {
  const found = new Map<string, TapRecord>()
  for (const record of records) {
    const path = /^[A-Z]+ (\/\S+) HTTP\/1\.1\r\n/.exec(record.text)?.[1]
    if (record.role !== role || record.type === 'end' || !path?.startsWith(prefix)) continue
    assert.ok(!found.has(path), `${path} came twice`)
    found.set(path, record)
  }
  return found
}
