import {
  ConnRole,
  chunk,
  connHead,
  Direction,
  datagram,
  end,
  exchange,
  RecordType,
  run,
} from '../../bpf/events.gen.ts'
import { Descriptions } from './discovery/description.ts'
import { AllRoutes } from './routes/routes.ts'
import { Services } from './services.ts'

/** For streams whose processes nobody knows, and that stay what they are. */
export const NO_SERVICES = {
  become: () => undefined,
  serviceOf: () => undefined,
  movedOtlpTraces: () => undefined,
} as const

/** For connections of the same, in a traces pipeline. */
export const NO_PROCESSES = {
  wanted: { traced: true, recorder: undefined },
  processes: { find: () => undefined, movedOtlpTraces: () => undefined },
  libraries: { meet: () => undefined, of: () => '' },
  services: new Services(
    new Descriptions(),
    new AllRoutes({
      patterns: [],
      ignored: [],
      ignoreMode: 'all',
      unmatched: 'unset',
      wildcard: '*',
      maxNames: 100,
    }),
  ),
} as const

/** Fields of records as tests write them; what is left out is zero. */
export interface RunFields {
  readonly position?: number
  readonly bytes?: number
  readonly firstNs?: number
  readonly lastNs?: number
  readonly data?: string
}

export interface HeadFields {
  readonly connId: number
  readonly sequence?: number
  readonly role?: keyof typeof ConnRole
  readonly protocol?: number
  readonly flags?: number
  readonly tgid?: number
  readonly timeNs?: number
}

/** 10.0.0.1 and 10.0.0.2, v4-mapped. */
const LOCAL = Buffer.from('00000000000000000000ffff0a000001', 'hex')
const PEER = Buffer.from('00000000000000000000ffff0a000002', 'hex')

function writeHead(to: Buffer, type: number, head: HeadFields): void {
  to.writeBigUInt64LE(BigInt(head.connId), 0)
  to.writeBigUInt64LE(BigInt(head.timeNs ?? 0), 8)
  to.writeBigUInt64LE(BigInt(head.connId) << 8n, connHead.key)
  LOCAL.copy(to, connHead.localAddr)
  PEER.copy(to, connHead.peerAddr)
  to.writeUInt32LE(head.tgid ?? 1000, 68)
  to.writeUInt16LE(80, 76)
  to.writeUInt16LE(50_000, 78)
  to.writeUInt8(type, 80)
  to.writeUInt8(ConnRole[head.role ?? 'SERVER'], 81)
  to.writeUInt8(head.protocol ?? 1, 82)
  to.writeUInt8(head.flags ?? 0, 83)
  to.writeUInt32LE(head.sequence ?? 0, 84)
}

function writeRun(to: Buffer, at: number, fields: RunFields): Buffer {
  const data = Buffer.from(fields.data ?? '', 'latin1')
  const bytes = fields.bytes ?? data.length
  const tail = data.subarray(-8)
  to.writeBigUInt64LE(BigInt(fields.position ?? 0), at)
  to.writeBigUInt64LE(BigInt(bytes), at + 8)
  to.writeBigUInt64LE(BigInt(fields.firstNs ?? 0), at + 16)
  to.writeBigUInt64LE(BigInt(fields.lastNs ?? fields.firstNs ?? 0), at + 24)
  if (bytes === data.length) {
    tail.copy(to, at + run.tail + 8 - tail.length)
    to.writeUInt32LE(tail.length, at + 44)
  }
  to.writeUInt32LE(data.length, at + 40)
  return data
}

/** For tests: a chunk record, as the kernel writes it. */
export function chunkRecord(
  head: HeadFields,
  direction: keyof typeof Direction,
  fields: RunFields,
): Buffer {
  const record = Buffer.alloc(chunk.size)
  writeHead(record, RecordType.CHUNK, head)
  const data = writeRun(record, chunk.run, fields)
  record.writeUInt8(Direction[direction], 138)
  return Buffer.concat([record, data])
}

/** For tests: an exchange record. */
export function exchangeRecord(head: HeadFields, request: RunFields, response: RunFields): Buffer {
  const record = Buffer.alloc(exchange.size)
  writeHead(record, RecordType.EXCHANGE, head)
  const data = [
    writeRun(record, exchange.request, request),
    writeRun(record, exchange.response, response),
  ]
  return Buffer.concat([record, ...data])
}

/** For tests: an end record, by enum end_reason. */
export function endRecord(head: HeadFields, reason: number, response: RunFields = {}): Buffer {
  const record = Buffer.alloc(end.size)
  writeHead(record, RecordType.END, head)
  writeRun(record, end.response, response)
  record.writeUInt8(reason, 184)
  return record
}

/** For tests: a record of a datagram that a socket on any address has moved. */
export function datagramRecord(
  head: HeadFields,
  direction: keyof typeof Direction,
  data: Buffer,
): Buffer {
  const record = Buffer.alloc(datagram.size)
  writeHead(record, RecordType.DATAGRAM, head)
  record.fill(0, connHead.localAddr, connHead.localAddr + 16)
  record.writeBigUInt64LE(BigInt(data.length), connHead.size)
  record.writeUInt32LE(data.length, connHead.size + 8)
  record.writeUInt8(Direction[direction], connHead.size + 12)
  return Buffer.concat([record, data])
}
