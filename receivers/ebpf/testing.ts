import {
  ConnRole,
  chunk,
  Direction,
  datagram,
  end,
  exchange,
  layouts,
  RecordType,
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

const HEAD = layouts.conn_head.fields
const RUN = layouts.run.fields

function writeHead(to: Buffer, type: number, head: HeadFields): void {
  to.writeBigUInt64LE(BigInt(head.connId), HEAD.conn_id.offset)
  to.writeBigUInt64LE(BigInt(head.timeNs ?? 0), HEAD.time_ns.offset)
  to.writeBigUInt64LE(BigInt(head.connId) << 8n, HEAD.key.offset)
  LOCAL.copy(to, HEAD.local_addr.offset)
  PEER.copy(to, HEAD.peer_addr.offset)
  to.writeUInt32LE(head.tgid ?? 1000, HEAD.tgid.offset)
  to.writeUInt16LE(80, HEAD.local_port.offset)
  to.writeUInt16LE(50_000, HEAD.peer_port.offset)
  to.writeUInt8(type, HEAD.type.offset)
  to.writeUInt8(ConnRole[head.role ?? 'SERVER'], HEAD.role.offset)
  to.writeUInt8(head.protocol ?? 1, HEAD.protocol.offset)
  to.writeUInt8(head.flags ?? 0, HEAD.flags.offset)
  to.writeUInt32LE(head.sequence ?? 0, HEAD.sequence.offset)
}

function writeRun(to: Buffer, at: number, fields: RunFields): Buffer {
  const data = Buffer.from(fields.data ?? '', 'latin1')
  const bytes = fields.bytes ?? data.length
  const tail = data.subarray(-RUN.tail.size)
  to.writeBigUInt64LE(BigInt(fields.position ?? 0), at + RUN.position.offset)
  to.writeBigUInt64LE(BigInt(bytes), at + RUN.bytes.offset)
  to.writeBigUInt64LE(BigInt(fields.firstNs ?? 0), at + RUN.first_ns.offset)
  to.writeBigUInt64LE(BigInt(fields.lastNs ?? fields.firstNs ?? 0), at + RUN.last_ns.offset)
  if (bytes === data.length) {
    tail.copy(to, at + RUN.tail.offset + RUN.tail.size - tail.length)
    to.writeUInt32LE(tail.length, at + RUN.tail_bytes.offset)
  }
  to.writeUInt32LE(data.length, at + RUN.captured.offset)
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
  record.writeUInt8(Direction[direction], layouts.chunk.fields.direction.offset)
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
  record.writeUInt8(reason, layouts.end.fields.reason.offset)
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
  const { bytes, captured, direction: way } = layouts.datagram.fields
  record.fill(0, HEAD.local_addr.offset, HEAD.local_addr.offset + HEAD.local_addr.size)
  record.writeBigUInt64LE(BigInt(data.length), bytes.offset)
  record.writeUInt32LE(data.length, captured.offset)
  record.writeUInt8(Direction[direction], way.offset)
  return Buffer.concat([record, data])
}
