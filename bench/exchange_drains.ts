import { chunk, exchange, layouts, Protocol } from '../bpf/events.gen.ts'
import type { Connections } from '../receivers/ebpf/connections.ts'
import { type Records, recordsIn } from '../receivers/ebpf/records.ts'
import { chunkRecord, exchangeRecord } from '../receivers/ebpf/testing.ts'

const CONNECTIONS = 64
export const DRAIN_EXCHANGES = 640
const CONN_ID = layouts.conn_head.fields.conn_id.offset
const SEQUENCE = layouts.conn_head.fields.sequence.offset
const LETTERS = 26
const TIMES = { firstNs: 2000, lastNs: 3000 }

/** What a load says, over and over. Positions go on from drain to drain. */
export interface Drains {
  /** One drain of DRAIN_EXCHANGES exchanges: the records of each connection in turn, as the addon writes them. */
  play(connections: Connections): void
}

const PARENT = 'traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n'
export const WRK = 'GET /some/path?item=1 HTTP/1.1\r\nHost: 127.0.0.1:18080\r\n'
/** What differs from request to request, if anything does. */
const VARIED = WRK.indexOf('item')
export const BROWSER = `${WRK}User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101\r\nAccept: text/html,*/*;q=0.8
Accept-Language: en-US\r\nAccept-Encoding: gzip, deflate, br\r\nCookie: session=0123456789abcdef0123456789abcdef\r\n${PARENT}`
const ANSWER =
  'HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Sat, 21 Nov 2026 08:00:00 GMT\r\nContent-Type: text/plain\r\nContent-Length: 600\r\nConnection: keep-alive\r\n\r\n'

/** HTTP/1, paired in the kernel: a record each. */
export class Http1Drains implements Drains {
  readonly #from: Records
  readonly #recordBytes: number
  readonly #requestBytes: number
  readonly #responseBytes: number
  readonly #varied: boolean
  #sequence = 0

  constructor(head: string, varied: boolean) {
    this.#varied = varied
    const request = `${head}\r\n`
    this.#requestBytes = request.length
    this.#responseBytes = ANSWER.length + 600
    const records = Array.from({ length: DRAIN_EXCHANGES }, (_, i) =>
      exchangeRecord(
        { connId: (i % CONNECTIONS) + 1, tgid: 1000 },
        { data: request, firstNs: 1000, lastNs: 1000 },
        { data: ANSWER, bytes: this.#responseBytes, ...TIMES },
      ),
    )
    this.#recordBytes = records[0]?.length ?? 0
    this.#from = recordsIn(Buffer.concat(records))
  }

  play(connections: Connections): void {
    const { bytes, view } = this.#from
    for (let i = 0; i < DRAIN_EXCHANGES; i++) {
      const at = i * this.#recordBytes
      const turn = this.#sequence + Math.floor(i / CONNECTIONS)
      view.setUint32(at + SEQUENCE, turn, true)
      view.setUint32(at + exchange.request, turn * this.#requestBytes, true)
      view.setUint32(at + exchange.response, turn * this.#responseBytes, true)
      if (this.#varied) bytes[at + exchange.size + VARIED] = 0x61 + (turn % LETTERS)
      connections.record(this.#from, at, this.#recordBytes)
    }
    this.#sequence += DRAIN_EXCHANGES / CONNECTIONS
  }
}

const hex = (digits: string) => Buffer.from(digits, 'hex')
/** What h2load begins with; its first request names the host and itself, which later ones have from the table. */
const H2_PREFACE = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  hex('00000c04000000000000020000000000043fffffff0000040800000000003fff0000'),
  hex(
    '00002801050000000104062f662e74787486418b089d5c0b8170dc0bcfbef7827a8f9c541c722954d3a5358980aed8970f',
  ),
])
const H2_REQUEST = hex('00000c01050000000304062f662e74787486bf82be')
/** As nginx writes it: each field a literal that enters the table; of the DATA frame behind it as much as is captured. */
const H2_ANSWER = hex(
  '00006c010400000003887689aa6355e580ae212e1f6196dd6d5f4a084a693f75040138a08571972e01f53168df5f87497ca58ae819aa5c033630306c96' +
    'dd6d5f4a084a693f75040138a08571972e01d53168df00832a47378cfe5c8c0cb856dd584dbdfcff008919085ad2b583aa62a3848fd24a8f000258000100000003787878787878',
)
const H2_DATA_BYTES = 6
const H2_ANSWER_BYTES = H2_ANSWER.length - H2_DATA_BYTES + 600
/** Of a frame, and of the second one of an answer. */
const H2_STREAM = 5
const H2_DATA = H2_ANSWER.length - H2_DATA_BYTES - 9
/** A letter of the path. */
const H2_VARIED = 12

/** HTTP/2, as h2load and nginx speak it: a record of each side. */
export class Http2Drains implements Drains {
  readonly #first = record('IN', H2_PREFACE, H2_PREFACE.length)
  readonly #request = record('IN', H2_REQUEST, H2_REQUEST.length)
  readonly #answer = record('OUT', H2_ANSWER, H2_ANSWER_BYTES)
  readonly #varied: boolean
  #turn = 0

  constructor(varied: boolean) {
    this.#varied = varied
  }

  play(connections: Connections): void {
    for (let i = 0; i < DRAIN_EXCHANGES; i++) {
      const connection = (i % CONNECTIONS) + 1
      const turn = this.#turn + Math.floor(i / CONNECTIONS)
      this.#ask(connections, connection, turn)
      const { bytes } = this.#answer
      writeStream(bytes, chunk.size, turn)
      writeStream(bytes, chunk.size + H2_DATA, turn)
      feed(connections, this.#answer, connection, 2 * turn + 1, turn * H2_ANSWER_BYTES)
    }
    this.#turn += DRAIN_EXCHANGES / CONNECTIONS
  }

  #ask(connections: Connections, connection: number, turn: number): void {
    if (turn === 0) {
      feed(connections, this.#first, connection, 0, 0)
      return
    }
    const { bytes } = this.#request
    writeStream(bytes, chunk.size, turn)
    if (this.#varied) bytes[chunk.size + H2_VARIED] = 0x61 + (turn % LETTERS)
    const position = H2_PREFACE.length + (turn - 1) * H2_REQUEST.length
    feed(connections, this.#request, connection, 2 * turn, position)
  }
}

function record(direction: 'IN' | 'OUT', data: Buffer, bytes: number): Records {
  const times = direction === 'IN' ? { firstNs: 1000, lastNs: 1000 } : TIMES
  const fields = { data: data.toString('latin1'), bytes, ...times }
  return recordsIn(
    chunkRecord({ connId: 1, tgid: 1000, protocol: Protocol.HTTP2 }, direction, fields),
  )
}

/** Of the frame at `at`: clients count in odd numbers. */
function writeStream(bytes: Buffer, at: number, turn: number): void {
  bytes.writeUInt32BE(2 * turn + 1, at + H2_STREAM)
}

function feed(
  connections: Connections,
  from: Records,
  connection: number,
  sequence: number,
  position: number,
): void {
  from.view.setUint32(CONN_ID, connection, true)
  from.view.setUint32(SEQUENCE, sequence, true)
  from.view.setUint32(chunk.run, position, true)
  connections.record(from, 0, from.bytes.length)
}
