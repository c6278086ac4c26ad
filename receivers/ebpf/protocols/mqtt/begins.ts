import type { Direction } from '../../protocol.ts'
import { connectOf, publishOf } from './packets.ts'
import { type MqttFrame, parseFrame } from './parse.ts'

const ANSWERS = new Set(['connack', 'puback', 'pubrec', 'pubrel', 'pubcomp', 'suback', 'unsuback'])
const SHORT = 64

/** Could a packet begin here? Those that are short are so often something else that the run must end with them. */
export function beginsMqtt(direction: Direction, bytes: Buffer): boolean {
  const result = parseFrame(direction, bytes)
  const parsed = result.kind === 'need_more' ? result.otherwise : result
  if (parsed?.kind !== 'frame') return false
  const { frame, bytes: whole } = parsed
  if (frame.type === 'connect') return connectOf(frame) !== undefined
  if (frame.type === 'publish') return beginsPublish(frame)
  return ANSWERS.has(frame.type) && whole <= SHORT && followed(direction, bytes, whole)
}

/** What follows a packet, if it is at hand, is one, too. */
function followed(direction: Direction, bytes: Buffer, at: number): boolean {
  if (bytes.length <= at + 1) return bytes.length === at
  return parseFrame(direction, bytes.subarray(at)).kind !== 'invalid'
}

/** With either version's form of it. */
const beginsPublish = (frame: MqttFrame) => publishOf(frame, undefined) !== undefined

/** Is it surely MQTT: a client that connects? */
export function isConnect(bytes: Buffer): boolean {
  const result = parseFrame('request', bytes)
  const parsed = result.kind === 'need_more' ? result.otherwise : result
  return (
    parsed?.kind === 'frame' &&
    parsed.frame.type === 'connect' &&
    connectOf(parsed.frame) !== undefined
  )
}

const TOPIC = /^[\x20-\x7e]{1,200}$/

/** Of a connection that is joined in the middle: packets alone, of which one is a message with a readable topic. */
export function isMessages(direction: Direction, bytes: Buffer): boolean {
  let [at, found] = [0, false]
  while (at < bytes.length) {
    const result = parseFrame(direction, bytes.subarray(at))
    if (result.kind !== 'frame') return false
    const { frame } = result
    const publish = frame.type === 'publish' ? publishOf(frame, undefined) : undefined
    if (publish !== undefined && TOPIC.test(publish.topic)) found = true
    at += result.bytes
  }
  return found && at === bytes.length
}
