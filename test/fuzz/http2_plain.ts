import assert from 'node:assert/strict'
import { SERVER, withoutChance } from '../../receivers/ebpf/protocols/http1/testing/in_place.ts'
import * as said from '../../receivers/ebpf/protocols/http2/testing.ts'
import { play, type Turn } from '../../receivers/ebpf/protocols/http2/testing_turns.ts'
import type { Role } from '../../receivers/ebpf/role.ts'
import { mutate, type Random } from './random.ts'

type Field = readonly [name: string, value: string]

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const REQUEST_FIELDS = [
  [':method', 'GET'],
  [':method', 'POST'],
  [':method', 'HEAD'],
  [':scheme', 'http'],
  [':scheme', 'https'],
  [':path', '/'],
  [':path', '/a?b=c&sig=d'],
  [':path', '/v1/traces'],
  [':authority', 'a:80'],
  [':authority', '[::1]:5'],
  ['host', 'b'],
  ['user-agent', 'x'],
  ['traceparent', TRACEPARENT],
  ['tracestate', 'a=1'],
  ['content-length', '5'],
  ['x-forwarded-for', 'b'],
] as const
const RESPONSE_FIELDS = [
  [':status', '200'],
  [':status', '204'],
  [':status', '404'],
  [':status', '503'],
  [':status', '103'],
  ['content-length', '5'],
  ['grpc-status', '0'],
] as const
const MAX_TURNS = 8
const MAX_FIELDS = 6

/** Calls around plain ones: written in place, or by way of attributes and span objects, they give the same spans and counts. */
export function fuzzHttp2Plain(from: Random): void {
  const role = from.pick<Role>(['server', 'client'])
  const connection = { ...SERVER, role, tls: from.chance(2), adopted: from.chance(4) }
  const options = { trustForwarded: from.chance(4) }
  const message = (stream: number, fields: readonly [Field, ...Field[]]) => {
    const some = Array.from({ length: 1 + from.below(MAX_FIELDS) }, () => from.pick(fields))
    const block = from.chance(2) ? said.block(...some) : said.indexed(...some)
    const ends = from.chance(2)
    const head = said.headers(stream, block, ends ? said.END : 4)
    const bytes = ends ? head : said.all(head, said.data(stream, 'hello'))
    return from.chance(4) ? mutate(from, bytes) : bytes
  }
  const turns: Turn[] = []
  for (let i = 0; i <= from.below(MAX_TURNS); i++) {
    const stream = 2 * i + 1
    const missed = from.chance(8) ? from.below(100) : 0
    const last = turns.at(-1)
    if (last !== undefined && from.chance(2)) {
      turns.push([said.withStream(last[0], stream), said.withStream(last[1], stream), missed])
    } else {
      turns.push([message(stream, REQUEST_FIELDS), message(stream, RESPONSE_FIELDS), missed])
    }
  }
  const want = play(turns, connection, false, options)
  const got = play(turns, connection, true, options)
  assert.deepEqual(got.spans.map(withoutChance), want.spans.map(withoutChance))
  assert.deepEqual(got.counts, want.counts)
}
