import assert from 'node:assert/strict'
import {
  play,
  SERVER,
  withoutChance,
} from '../../receivers/ebpf/protocols/http1/testing/in_place.ts'
import type { Role } from '../../receivers/ebpf/role.ts'
import { mutate, type Random } from './random.ts'

const latin1 = (text: string) => Buffer.from(text, 'latin1')

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const REQUESTS = [
  latin1('GET /a?b=c&sig=d HTTP/1.1\r\nHost: a:80\r\nUser-Agent: x\r\n\r\n'),
  latin1(`GET / HTTP/1.1\r\nHost: a\r\ntraceparent: ${TRACEPARENT}\r\n\r\n`),
  latin1('POST /v1/traces HTTP/1.1\r\nContent-Length: 5\r\nX-Forwarded-For: b\r\n\r\nhello'),
  latin1('HEAD / HTTP/1.0\r\nhost: [::1]:5\r\nConnection: keep-alive\r\n\r\n'),
] as const
const RESPONSES = [
  latin1('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'),
  latin1('HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n'),
  latin1('HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n'),
  latin1('HTTP/1.1 503\nContent-Length: 1\n\nz'),
] as const
const MAX_EXCHANGES = 4

/** Exchanges around plain ones: written in place, or by way of parsed heads and span objects, they give the same spans and counts. */
export function fuzzHttp1Plain(from: Random): void {
  const connection = { ...SERVER, role: from.pick<Role>(['server', 'client']), tls: from.chance(2) }
  const options = { trustForwarded: from.chance(4) }
  const message = (seeds: readonly [Buffer, ...Buffer[]]) => {
    const bytes = from.pick(seeds)
    return (from.chance(2) ? bytes : mutate(from, bytes)).toString('latin1')
  }
  const count = 1 + from.below(MAX_EXCHANGES)
  const exchanges = Array.from(
    { length: count },
    () => [message(REQUESTS), message(RESPONSES)] as const,
  )
  const want = play(exchanges, connection, false, options)
  const got = play(exchanges, connection, true, options)
  assert.deepEqual(got.spans.map(withoutChance), want.spans.map(withoutChance))
  assert.deepEqual(got.counts, want.counts)
}
