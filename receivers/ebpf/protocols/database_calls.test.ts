import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { SpanWriter } from '../../../pipeline/data/span_writer.ts'
import type { Span } from '../../../pipeline/data/traces.ts'
import type { Connection, EncodedSpans } from '../protocol.ts'
import { NO_SERVICES } from '../testing.ts'
import { parentBasedAlwaysOn, type Sample } from '../trace_context/sampling.ts'
import type { DatabaseCall } from './database.ts'
import { DatabaseCalls } from './database_calls.ts'
import { clock, withoutChance } from './http1/testing/in_place.ts'
import { CONNECTION } from './testing/chunk_play.ts'

const SCOPE = { name: '', version: '', attributes: [], droppedAttributesCount: 0 }
const RESOURCE = { attributes: [], droppedAttributesCount: 0 }

const CALL: DatabaseCall = {
  system: 'postgresql',
  operation: 'SELECT',
  summary: 'SELECT t',
  namespace: 'shop',
  queryText: 'SELECT a FROM t WHERE b = ?',
  statusCode: '',
  error: '',
  rows: undefined,
  partial: '',
  startNs: -3e6,
  endNs: 4_300_000_017,
  tgid: 1,
}
const calls: readonly (readonly [name: string, call: Partial<DatabaseCall>])[] = [
  ['a query', {}],
  ['the same again', {}],
  ['with rows', { rows: 7 }],
  ['without any', { rows: 0 }],
  ['with more rows than fit', { rows: 2 ** 40 }],
  ['an error', { statusCode: '42P01', error: '42P01', errorMessage: 'SQLSTATE 42P01' }],
  ['an error without a word', { error: 'connection_reset' }],
  ['seen in part', { partial: 'result_uncaptured', rows: 3 }],
  ['a collection', { collection: 'goods', summary: '', queryText: '' }],
  ['a batch', { operation: 'BATCH get', batchSize: 3 }],
  ['a batch of another size', { operation: 'BATCH get', batchSize: 4 }],
  ['nothing but a system', { operation: '', summary: '', queryText: '', namespace: '' }],
  ['a long statement', { queryText: 'SELECT ä '.repeat(200) }],
  ['an end before its start', { startNs: 5e9, endNs: 4e9 }],
]
const connections: readonly Connection[] = [
  CONNECTION,
  { ...CONNECTION, role: 'client' },
  { ...CONNECTION, localAddress: '', peerAddress: '', peerPort: 0 },
]

function play(
  connection: Connection,
  inPlace: boolean,
  sample: Sample = parentBasedAlwaysOn,
): { readonly spans: readonly Span[]; readonly written: number } {
  const writer = new SpanWriter()
  let written = 0
  const encoded: EncodedSpans = {
    begin: () => writer.encoded,
    isTraced: () => true,
    end: (tgid) => {
      written++
      writer.added(tgid)
    },
    writeTime: (to, tag, ns) => clock.writeTime(to, tag, ns),
  }
  const host = {
    emit: (span: Span, tgid: number) => writer.add(span, tgid),
    count: () => undefined,
    verdict: () => undefined,
    unixTime: (ns: number) => clock.unixTime(ns),
    ...NO_SERVICES,
    ...(inPlace ? { encoded } : {}),
  }
  const emitter = new DatabaseCalls(connection, host, sample)
  for (const [, call] of calls) emitter.emit({ ...CALL, ...call })
  const [data] = writer.take(SCOPE, () => RESOURCE).resources()
  return { spans: (data?.scopeSpans[0]?.spans ?? []).map(withoutChance), written }
}

describe('spans of database calls that are written in place', () => {
  for (const connection of connections) {
    test(`are those that others would be: ${connection.role} ${connection.peerAddress}`, () => {
      const [quick, slow] = [play(connection, true), play(connection, false)]
      for (const [i, [name]] of calls.entries()) {
        assert.deepEqual(quick.spans[i], slow.spans[i], name)
      }
      assert.deepEqual([quick.written, slow.written], [calls.length - 1, 0])
    })
  }

  test('a sampler is asked for each', () => {
    let asked = 0
    const sample: Sample = () => ++asked % 2 === 0
    const { spans, written } = play(CONNECTION, true, sample)
    assert.deepEqual([spans.length, written, asked], [calls.length / 2, 0, calls.length])
  })
})
