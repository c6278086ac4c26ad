import type { Direction, EndReason, ParsedFrame, ParseResult } from '../../protocol.ts'
import type { FrameTimes } from '../chunks/reader.ts'
import type { Dialogue } from '../chunks/stream.ts'
import { beginsAmqp } from './begins.ts'
import { beginning, Channel, type Transfer, type Way } from './channel.ts'
import { contentOf } from './content.ts'
import { type Method, methodOf } from './methods.ts'
import { type AmqpFrame, bodyFrame, parseFrame } from './parse.ts'
import type { AmqpReason } from './reasons.ts'

export type Operation = 'publish' | 'deliver' | 'get' | 'ack' | 'nack' | 'reject'

/** What happened to a message, or to those up to a tag. */
export interface AmqpExchange extends Pick<Transfer, 'startNs' | 'origin' | 'tgid'> {
  readonly operation: Operation
  readonly way: Way
  /** Of a message that was handed over, or is settled. */
  readonly tag: number
  /** Undefined of what settles. */
  readonly bytes: number | undefined
  /** A value of error.type. */
  readonly error: string
  readonly endNs: number
}

export interface AmqpHost {
  exchange(exchange: AmqpExchange): void
  count(reason: AmqpReason, n?: number): void
}

/** RabbitMQ's own default is 2,047. */
const MAX_CHANNELS = 4096
const NOWHERE: Way = { exchange: '', routingKey: '', queue: '' }

/** Follows the messages on each channel of one connection. */
export class AmqpDialogue implements Dialogue<AmqpFrame> {
  /** Channels and tags say what belongs together. */
  readonly named = true
  readonly #host: AmqpHost
  readonly #channels = new Map<number, Channel>()
  /** On which channel each side sent a body last. */
  readonly #sending = { request: 0, response: 0 }
  /** One side said that it is over: the other takes nothing more, whatever is still sent. */
  #closed = false

  constructor(host: AmqpHost) {
    this.#host = host
  }

  get waiting(): number {
    let n = 0
    for (const { asked, unconfirmed } of this.#channels.values())
      n += (unconfirmed?.size ?? 0) + (asked?.method.name === 'get' ? 1 : 0)
    return n
  }

  parse(direction: Direction, bytes: Buffer): ParseResult<AmqpFrame> {
    const result = parseFrame(direction, bytes)
    if (result.kind !== 'need_more' || result.otherwise !== undefined) return result
    const otherwise = this.#nextOfBody(direction)
    return otherwise === undefined ? result : { ...result, otherwise }
  }

  /** What comes next of a body that is longer than a frame, and than what is captured. */
  #nextOfBody(direction: Direction): ParsedFrame<AmqpFrame> | undefined {
    const channel = this.#sending[direction]
    const { left = 0, frameBytes = 0 } = this.#channels.get(channel)?.moving[direction] ?? {}
    const size = Math.min(left, frameBytes)
    return size === 0 ? undefined : bodyFrame(channel, size)
  }

  begins(direction: Direction, bytes: Buffer): boolean {
    return beginsAmqp(direction, bytes)
  }

  frame(direction: Direction, frame: AmqpFrame, times: FrameTimes): boolean {
    if (this.#closed || frame.type === 'opening' || frame.type === 'heartbeat') return true
    const channel = this.#channel(frame.channel)
    if (frame.type === 'method') return this.#onMethod(direction, channel, frame, times)
    const moving = channel.moving[direction]
    // Of a message whose beginning nobody has seen.
    if (moving === undefined) return true
    this.#sending[direction] = frame.channel
    const next =
      frame.type === 'body' ? withBody(moving, frame) : withContent(moving, frame.payload)
    if (next === undefined || (next.left ?? -1) < 0) return false
    channel.moving[direction] = next
    if (next.left === 0) this.#onMessage(direction, channel, { ...next, lastNs: times.lastNs })
    return true
  }

  drop(): number {
    const { waiting } = this
    this.#closed = false
    this.#channels.clear()
    return waiting
  }

  end(reason: EndReason, ns: number): void {
    for (const channel of this.#channels.values())
      this.#fail(channel, reason === 'reset' ? 'connection_reset' : 'connection_closed', ns)
    this.#channels.clear()
  }

  #channel(number: number): Channel {
    const known = this.#channels.get(number)
    if (known !== undefined) return known
    const [oldest] = this.#channels.keys()
    if (this.#channels.size >= MAX_CHANNELS && oldest !== undefined) this.#channels.delete(oldest)
    const channel = new Channel()
    this.#channels.set(number, channel)
    return channel
  }

  #onMethod(
    direction: Direction,
    channel: Channel,
    { payload, channel: number }: AmqpFrame,
    times: FrameTimes,
  ): boolean {
    const method = methodOf(direction, payload)
    if (method === undefined) return false
    // A message that was begun and not ended is none any more.
    channel.moving[direction] = undefined
    if (method.name === 'open') this.#channels.delete(number)
    else if (method.name === 'close') this.#onClose(number, method, times)
    else if (direction === 'request') this.#onRequest(channel, method, times)
    else this.#onResponse(channel, method, times)
    return true
  }

  #onRequest(channel: Channel, method: Method, times: FrameTimes): void {
    const { firstNs: startNs, tgid } = times
    switch (method.name) {
      case 'publish':
        channel.moving.request = beginning(method, '', times)
        return
      case 'get':
      case 'consume':
        channel.asked = { method, startNs, tgid }
        if (method.consumer !== '') channel.learnConsumer(method.consumer, method.queue)
        return
      case 'select':
        channel.confirm()
        return
      case 'ack':
      case 'nack':
      case 'reject':
        this.#onSettled(channel, method, method.name, times)
        return
      default:
        this.#host.count('amqp_housekeeping')
    }
  }

  #onSettled(channel: Channel, { tag }: Method, operation: Operation, times: FrameTimes): void {
    const { firstNs: startNs, lastNs: endNs, tgid } = times
    const way = channel.settled(tag) ?? NOWHERE
    const told = { operation, way, tag, bytes: undefined, origin: undefined, error: '' }
    this.#host.exchange({ ...told, startNs, endNs, tgid })
  }

  #onResponse(channel: Channel, method: Method, times: FrameTimes): void {
    switch (method.name) {
      case 'deliver':
        channel.moving.response = beginning(method, channel.queueOf(method.consumer), times)
        return
      case 'get-ok':
        channel.moving.response = this.#gotten(channel, method, times)
        return
      case 'get-empty':
        channel.asked = undefined
        this.#host.count('amqp_nothing_gotten')
        return
      case 'return':
        channel.moving.response = beginning(method, '', times)
        channel.returned(method, method.code)
        return
      case 'ack':
      case 'nack':
        for (const transfer of channel.confirmed(method))
          this.#published(transfer, times.lastNs, method.name === 'nack' ? 'nack' : '')
        return
      case 'consume-ok':
        if (channel.asked?.method.name === 'consume')
          channel.learnConsumer(method.consumer, channel.asked.method.queue)
        channel.asked = undefined
        return
      case 'declare-ok':
        channel.learnQueue(method.queue)
        return
      default:
    }
  }

  /** What was asked for began when it was asked for. */
  #gotten(channel: Channel, method: Method, times: FrameTimes): Transfer {
    const asked = channel.asked?.method.name === 'get' ? channel.asked : undefined
    channel.asked = undefined
    const queue = asked === undefined ? '' : channel.named(asked.method.queue)
    const transfer = beginning(method, queue, times)
    return asked === undefined ? transfer : { ...transfer, startNs: asked.startNs }
  }

  /** A message has come to its end. */
  #onMessage(direction: Direction, channel: Channel, transfer: Transfer): void {
    channel.moving[direction] = undefined
    const { method, queue, lastNs } = transfer
    if (method.name === 'return') return
    if (direction === 'request') {
      if (!channel.awaitsConfirm(transfer)) this.#published(transfer, lastNs, '')
      return
    }
    const way = { exchange: method.exchange, routingKey: method.routingKey, queue }
    channel.delivered(method.tag, way)
    const operation = method.name === 'deliver' ? 'deliver' : 'get'
    this.#host.exchange({ ...transfer, operation, way, tag: method.tag, error: '', endNs: lastNs })
  }

  #published(transfer: Transfer, endNs: number, error: string): void {
    const { method } = transfer
    const code = error === '' && method.code > 0 ? String(method.code) : error
    const told = { ...transfer, operation: 'publish', way: method, tag: 0, endNs } as const
    this.#host.exchange({ ...told, error: code })
  }

  /** A channel, or all of them: channel 0 is the connection. */
  #onClose(number: number, { code }: Method, { lastNs }: FrameTimes): void {
    this.#closed = number === 0
    const error = code === CLOSED_WELL ? 'connection_closed' : String(code)
    for (const [other, channel] of this.#channels) {
      if (number !== 0 && other !== number) continue
      this.#fail(channel, error, lastNs)
      this.#channels.delete(other)
    }
  }

  /** Whoever waits gets no answer. */
  #fail(channel: Channel, error: string, ns: number): void {
    const { asked } = channel
    for (const transfer of channel.takeAll()) this.#published(transfer, ns, error)
    if (asked?.method.name !== 'get') return
    const way = { ...NOWHERE, queue: channel.named(asked.method.queue) }
    const told = { operation: 'get', way, tag: 0, bytes: undefined, origin: undefined } as const
    this.#host.exchange({ ...told, error, startNs: asked.startNs, endNs: ns, tgid: asked.tgid })
  }
}

/** Of a close: everything was done. */
const CLOSED_WELL = 200

/** With one frame more of its body. */
const withBody = (moving: Transfer, { size }: AmqpFrame): Transfer => ({
  ...moving,
  left: (moving.left ?? -1) - size,
  frameBytes: moving.frameBytes || size,
})

/** With what the header frame says; undefined if that makes no sense. */
function withContent(moving: Transfer, payload: Buffer): Transfer | undefined {
  const content = contentOf(payload)
  if (content === undefined || moving.left !== undefined) return undefined
  return { ...moving, ...content, left: content.bytes }
}
