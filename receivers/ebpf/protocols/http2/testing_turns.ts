import type { Connection } from '../../protocol.ts'
import type { HttpOptions } from '../http1/emit.ts'
import { HTTP1_DEFAULTS } from '../http1/protocol.ts'
import { listening, type Played } from '../http1/testing/in_place.ts'
import { feedAll } from '../rest.ts'
import { http2 } from './protocol.ts'
import * as said from './testing.ts'

const MS = 1e6

/** For tests; `missed`: bytes of the response that nobody saw, in front of it. */
export type Turn = readonly [request: Buffer, response: Buffer, missed?: number]

/** For tests: turns on one connection, behind the prefaces; `inPlace`: spans may be written as bytes. */
export function play(
  turns: readonly Turn[],
  of: Connection,
  inPlace: boolean,
  options: Partial<HttpOptions> = {},
): Played {
  const { host, played } = listening(inPlace)
  const open = http2({ ...HTTP1_DEFAULTS, ...options })
  const connection = { ...of, stream: open(of, host) }
  const position = { request: 0, response: 0 }
  let ns = 0
  const say = (direction: 'request' | 'response', data: Buffer) => {
    ns += 7 * MS
    const times = { firstNs: ns, lastNs: ns + MS, tgid: 1 }
    const where = { direction, position: position[direction], bytes: data.length }
    feedAll(connection, { ...where, data: Buffer.from(data), tail: data.subarray(-8), ...times })
    position[direction] += data.length
  }
  const begin: Turn = [said.CLIENT, said.SERVER]
  for (const [request, response, missed = 0] of of.adopted ? turns : [begin, ...turns]) {
    say('request', request)
    position.response += missed
    say('response', response)
  }
  return played()
}
