import type { RemoteParent } from '../../trace_context/parent.ts'
import { isOfTrace, originOf } from '../origin.ts'
import { lengthAt, type MqttFrame } from './parse.ts'

/** 3.1 is 3, 3.1.1 is 4, 5.0 is 5; undefined where nobody has seen how the connection began. */
export type Version = 3 | 4 | 5 | undefined

/** Who connects. */
export interface Connect {
  readonly version: Version
  readonly clientId: string
}

/** A message on its way. */
export interface Publish {
  /** '' where an alias stands for it. */
  readonly topic: string
  readonly alias: number
  /** 0 without an answer. */
  readonly id: number
  readonly quality: 0 | 1 | 2
  /** Undefined where properties may stand in front, and nobody knows. */
  readonly bytes: number | undefined
  readonly origin: RemoteParent | undefined
}

/** Texts of two bytes' length. Beyond the end everything is '' or 0. */
class Fields {
  readonly #bytes: Buffer
  at: number

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes
    this.at = at
  }

  get isWhole(): boolean {
    return this.at <= this.#bytes.length
  }

  short(): number {
    this.at += 2
    return this.isWhole ? this.#bytes.readUInt16BE(this.at - 2) : 0
  }

  octet(): number {
    return this.#bytes[this.at++] ?? 0
  }

  text(): string {
    const bytes = this.short()
    this.at += bytes
    return this.isWhole ? this.#bytes.toString('utf8', this.at - bytes, this.at) : ''
  }

  skip(bytes: number): void {
    this.at += bytes
  }

  length(): number {
    const length = lengthAt(this.#bytes, this.at)
    if (typeof length !== 'object') {
      this.at = this.#bytes.length + 1
      return 0
    }
    this.at += length.bytes
    return length.value
  }
}

const NAMES: ReadonlyMap<string, readonly number[]> = new Map([
  ['MQIsdp', [3]],
  ['MQTT', [4, 5]],
])

/** Undefined: nobody connects like that. */
export function connectOf({ body }: MqttFrame): Connect | undefined {
  const fields = new Fields(body)
  const versions = NAMES.get(fields.text())
  // A bridge sets the highest bit.
  const version = fields.octet() & 0x7f
  if (versions?.includes(version) !== true) return undefined
  fields.at += 3
  if (version === 5) fields.skip(fields.length())
  return { version: version as Version, clientId: fields.text() }
}

/** Without control characters, and what only stands in filters. */
const TOPIC = /^[^\p{Cc}#+]*$/u

/** Undefined: it is none. */
export function publishOf({ flags, size, body }: MqttFrame, version: Version): Publish | undefined {
  const quality = ((flags >> 1) & 3) as Publish['quality']
  const fields = new Fields(body)
  const topic = fields.text()
  const id = quality === 0 ? 0 : fields.short()
  if (!fields.isWhole || !TOPIC.test(topic) || (quality > 0 && id === 0)) return undefined
  const properties = version === 5 ? propertiesOf(body, fields) : NO_PROPERTIES
  if (topic === '' && properties.alias === 0) return undefined
  const left = size - fields.at
  if (left < 0) return undefined
  return { topic, id, quality, bytes: version === undefined ? undefined : left, ...properties }
}

type Properties = Pick<Publish, 'alias' | 'origin'>

const NO_PROPERTIES: Properties = { alias: 0, origin: undefined }
const ALIAS = 0x23
const USER = 0x26
const MAX_PROPERTIES = 64
/** Properties of a message by their number: bytes, or what they are. */
const SKIPPED: Readonly<Record<number, number | 'text' | 'length'>> = {
  1: 1,
  2: 4,
  3: 'text',
  8: 'text',
  9: 'text',
  11: 'length',
}

/** Source: https://docs.oasis-open.org/mqtt/mqtt/v5.0/os/mqtt-v5.0-os.html, 3.3.2.3 */
function propertiesOf(body: Buffer, fields: Fields): Properties {
  const bytes = fields.length()
  const end = fields.at + bytes
  const inside = new Fields(body.subarray(0, end), fields.at)
  fields.at = end
  const headers = new Map<string, string>()
  let alias = 0
  for (let i = 0; i < MAX_PROPERTIES && inside.at < Math.min(end, body.length); i++) {
    const number = inside.octet()
    if (number === ALIAS) alias = inside.short()
    else if (number === USER) {
      const [name, value] = [inside.text(), inside.text()]
      if (inside.isWhole && isOfTrace(name)) headers.set(name, value)
    } else if (!skip(inside, SKIPPED[number])) break
  }
  return { alias, origin: originOf(headers) }
}

function skip(fields: Fields, what: (typeof SKIPPED)[number] | undefined): boolean {
  if (what === 'text') fields.text()
  else if (what === 'length') fields.length()
  else fields.skip(what ?? 0)
  return what !== undefined
}

/** Of an answer: which message it answers, and why not, which only version 5 says: 0 of what went well. */
export function answerOf({ body }: MqttFrame): { readonly id: number; readonly code: number } {
  return { id: body.length < 2 ? 0 : body.readUInt16BE(0), code: body[2] ?? 0 }
}
