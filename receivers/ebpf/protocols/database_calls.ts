import { fixed32, fixed64, len, varint } from '../../../pipeline/codec/wire.ts'
import type { Attribute } from '../../../pipeline/data/attributes.ts'
import { SpanKind, StatusCode } from '../../../pipeline/data/traces.ts'
import type { Connection, StreamHost } from '../protocol.ts'
import type { Role } from '../role.ts'
import { ATTR_DB_RESPONSE_RETURNED_ROWS } from '../semconv.ts'
import { writeId } from '../trace_context/ids.ts'
import { parentBasedAlwaysOn, type Sample } from '../trace_context/sampling.ts'
import { ROOT_FLAGS } from '../trace_context/span_flags.ts'
import { addAddresses } from './call_span.ts'
import { type DatabaseCall, emitDatabaseCall, nameOf, partialOf, wordsOf } from './database.ts'
import { encoded, encodedAttributes, encodedKey, writeInt } from './http1/plain_attributes.ts'

const EMPTY = Buffer.alloc(0)
const TRACE_ID_BYTES = 16
const SPAN_ID_BYTES = 8
/** Words that are kept encoded, of either role; a longer statement is encoded each time. */
const MAX_KNOWN = 512
const MAX_KNOWN_CHARS = 512
/** What `writeInt` takes. */
const MAX_ROWS = 0x7f_ff_ff_ff
const ROWS = encodedKey(ATTR_DB_RESPONSE_RETURNED_ROWS)

/** What a call says in words, as parts of a Span. */
interface Words {
  /** Fields 5 and 6. */
  readonly nameAndKind: Uint8Array
  /** Attributes in front of the rows, and behind the addresses. */
  readonly front: Uint8Array
  readonly partial: Uint8Array
  readonly status: Uint8Array
}

function encodedWords(call: DatabaseCall, role: Role): Words {
  return {
    nameAndKind: encoded((w) => {
      w.string(len(5), nameOf(call))
      w.int32(varint(6), SpanKind[role])
    }),
    front: encodedAttributes(wordsOf(call)),
    partial: encodedAttributes(partialOf(call)),
    status: encoded((w) => {
      const start = w.begin(len(15), 1)
      if (call.errorMessage) w.string(len(2), call.errorMessage)
      if (call.error !== '') w.int32(varint(3), StatusCode.error)
      w.end(start, 1)
    }),
  }
}

/** Words of one role, by what they say. The summary follows from the statement. */
class KnownWords {
  readonly #role: Role
  readonly #known = new Map<string, Words>()

  constructor(role: Role) {
    this.#role = role
  }

  of(call: DatabaseCall): Words {
    const { system, operation, namespace, collection, queryText, statusCode, error } = call
    const { errorMessage, partial, batchSize } = call
    if (queryText.length > MAX_KNOWN_CHARS) return encodedWords(call, this.#role)
    const key = `${system}\0${operation}\0${namespace}\0${collection}\0${queryText}\0${statusCode}\0${error}\0${errorMessage}\0${partial}\0${batchSize}`
    return this.#known.get(key) ?? this.#add(key, call)
  }

  #add(key: string, call: DatabaseCall): Words {
    const words = encodedWords(call, this.#role)
    if (this.#known.size >= MAX_KNOWN) this.#known.clear()
    this.#known.set(key, words)
    return words
  }
}

const KNOWN = { server: new KnownWords('server'), client: new KnownWords('client') }

/**
 * The calls of one connection as spans, straight to the bytes of OTLP where nothing asks for more. They are what `emitDatabaseCall`
 * makes of the same call, field by field (database_calls.test.ts).
 */
export class DatabaseCalls {
  readonly #connection: Connection
  readonly #host: StreamHost
  readonly #sample: Sample
  #peerAddress = ''
  #localAddress = ''
  #addresses: Uint8Array = EMPTY

  constructor(connection: Connection, host: StreamHost, sample: Sample) {
    this.#connection = connection
    this.#host = host
    this.#sample = sample
  }

  emit(call: DatabaseCall): void {
    if (!this.#write(call)) emitDatabaseCall(call, this.#connection, this.#host, this.#sample)
  }

  /** False: it takes more than this, and nothing was done. */
  #write(call: DatabaseCall): boolean {
    const { tgid, rows, startNs, endNs } = call
    const { encoded: spans, recorder } = this.#host
    if (spans === undefined || recorder !== undefined || (rows ?? 0) > MAX_ROWS) return false
    const sample = this.#host.serviceOf(tgid)?.settings.sample ?? this.#sample
    if (sample !== parentBasedAlwaysOn) return false
    const w = spans.begin()
    if (w === undefined || !spans.isTraced()) return true
    const words = KNOWN[this.#connection.role].of(call)
    const start = w.begin(len(2), 2)
    writeId(w, len(1), TRACE_ID_BYTES)
    writeId(w, len(2), SPAN_ID_BYTES)
    w.raw(words.nameAndKind)
    spans.writeTime(w, fixed64(7), startNs)
    spans.writeTime(w, fixed64(8), Math.max(startNs, endNs))
    w.raw(words.front)
    if (rows !== undefined) writeInt(w, ROWS, rows)
    w.raw(this.#encodedAddresses())
    w.raw(words.partial)
    w.raw(words.status)
    w.fixed32(fixed32(16), ROOT_FLAGS)
    w.end(start, 2)
    spans.end(tgid)
    return true
  }

  #encodedAddresses(): Uint8Array {
    const { peerAddress, localAddress } = this.#connection
    // A TLS connection learns its addresses late.
    if (peerAddress === this.#peerAddress && localAddress === this.#localAddress) {
      return this.#addresses
    }
    this.#peerAddress = peerAddress
    this.#localAddress = localAddress
    const attributes: Attribute[] = []
    addAddresses(attributes, this.#connection)
    this.#addresses = encodedAttributes(attributes)
    return this.#addresses
  }
}
