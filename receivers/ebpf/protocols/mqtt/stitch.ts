import type { Direction, EndReason, ParseResult } from '../../protocol.ts'
import { remember } from '../../remember.ts'
import type { FrameTimes } from '../chunks/reader.ts'
import type { Dialogue } from '../chunks/stream.ts'
import { beginsMqtt } from './begins.ts'
import { answerOf, connectOf, type Publish, publishOf, type Version } from './packets.ts'
import { type MqttFrame, parseFrame } from './parse.ts'
import type { MqttReason } from './reasons.ts'

/** A message that one side has sent, to the end of what the other answers. */
export interface MqttExchange {
  /** Towards the broker: it is published; else delivered. */
  readonly direction: Direction
  readonly message: Publish
  /** '' where that is not known. */
  readonly topic: string
  readonly client: string
  /** A value of error.type. */
  readonly error: string
  readonly startNs: number
  readonly endNs: number
  readonly tgid: number
}

export interface MqttHost {
  exchange(exchange: MqttExchange): void
  count(reason: MqttReason, n?: number): void
}

type Waiting = Omit<MqttExchange, 'error' | 'endNs'>

/** Messages of one side that wait for their answer: brokers allow fewer. */
const MAX_WAITING = 4096
/** Names of topics that one side has given numbers to. */
const MAX_ALIASES = 1024
/** From here on an answer says why it went wrong. */
const FIRST_FAILURE = 0x80

/** What one side publishes. */
class Side {
  readonly waiting = new Map<number, Waiting>()
  readonly aliases = new Map<number, string>()
}

/** Follows the messages of one connection, both ways. */
export class MqttDialogue implements Dialogue<MqttFrame> {
  readonly named = true
  readonly apart = true
  readonly #host: MqttHost
  readonly #sides = { request: new Side(), response: new Side() }
  #version: Version
  #client = ''

  constructor(host: MqttHost) {
    this.#host = host
  }

  get waiting(): number {
    const { request, response } = this.#sides
    return request.waiting.size + response.waiting.size
  }

  parse(direction: Direction, bytes: Buffer): ParseResult<MqttFrame> {
    return parseFrame(direction, bytes)
  }

  begins(direction: Direction, bytes: Buffer): boolean {
    return beginsMqtt(direction, bytes)
  }

  frame(direction: Direction, frame: MqttFrame, times: FrameTimes): boolean {
    switch (frame.type) {
      case 'connect':
        return this.#onConnect(frame)
      case 'publish':
        return this.#onPublish(direction, frame, times)
      case 'puback':
      case 'pubrec':
      case 'pubcomp':
        this.#onAnswer(direction, frame, times)
        return true
      case 'subscribe':
      case 'unsubscribe':
      case 'disconnect':
      case 'auth':
        this.#host.count('mqtt_housekeeping')
        return true
      default:
        return true
    }
  }

  #onConnect(frame: MqttFrame): boolean {
    const connect = connectOf(frame)
    if (connect === undefined) return false
    this.#version = connect.version
    this.#client = connect.clientId
    this.#host.count('mqtt_housekeeping')
    return true
  }

  #onPublish(direction: Direction, frame: MqttFrame, times: FrameTimes): boolean {
    const message = publishOf(frame, this.#version)
    if (message === undefined) return false
    const { firstNs: startNs, lastNs, tgid } = times
    const topic = this.#topicOf(direction, message)
    const exchange = { direction, message, topic, client: this.#client, startNs, tgid }
    const { waiting } = this.#sides[direction]
    if (message.quality === 0) this.#host.exchange({ ...exchange, error: '', endNs: lastNs })
    else if (waiting.size >= MAX_WAITING) this.#host.count('too_many_waiting')
    // Sent once more it is still the same message.
    else if (!waiting.has(message.id)) waiting.set(message.id, exchange)
    return true
  }

  #topicOf(direction: Direction, { topic, alias }: Publish): string {
    const { aliases } = this.#sides[direction]
    if (topic === '') {
      const known = aliases.get(alias)
      if (known === undefined) this.#host.count('mqtt_alias_unknown')
      return known ?? ''
    }
    if (alias !== 0) remember(aliases, alias, topic, MAX_ALIASES)
    return topic
  }

  /** The last of them ends a message: the one of quality 1, the second of quality 2, or the first that says no. */
  #onAnswer(direction: Direction, frame: MqttFrame, times: FrameTimes): void {
    const { id, code } = answerOf(frame)
    const failed = code >= FIRST_FAILURE
    if (frame.type === 'pubrec' && !failed) return
    const { waiting } = this.#sides[direction === 'request' ? 'response' : 'request']
    const exchange = waiting.get(id)
    if (exchange === undefined) return
    waiting.delete(id)
    this.#host.exchange({ ...exchange, error: failed ? String(code) : '', endNs: times.lastNs })
  }

  drop(): number {
    const { waiting } = this
    for (const side of Object.values(this.#sides)) {
      side.waiting.clear()
      side.aliases.clear()
    }
    return waiting
  }

  end(reason: EndReason, ns: number): void {
    const error = reason === 'reset' ? 'connection_reset' : 'connection_closed'
    for (const { waiting } of Object.values(this.#sides)) {
      for (const exchange of waiting.values())
        this.#host.exchange({ ...exchange, error, endNs: ns })
      waiting.clear()
    }
  }
}
