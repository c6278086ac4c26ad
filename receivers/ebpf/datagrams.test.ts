import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setEpoch } from '../../bpf/events.gen.ts'
import type { Span } from '../../pipeline/data/traces.ts'
import { valueText } from '../../pipeline/data/value_text.ts'
import { Datagrams } from './datagrams.ts'
import type { Recorder } from './metrics/recorder.ts'
import { Lookups } from './protocols/dns/lookups.ts'
import * as d from './protocols/dns/testing.ts'
import { recordsIn } from './records.ts'
import { datagramRecord, NO_SERVICES } from './testing.ts'
import { parentBasedAlwaysOn } from './trace_context/sampling.ts'

const PORT = 5300
const HALF = 8192

interface Wants {
  traced: boolean
  recorder: Recorder | undefined
}

function fixture(spans: boolean) {
  setEpoch(0n)
  const emitted: Span[] = []
  const counts: string[] = []
  const memory = new ArrayBuffer(2 * HALF)
  const wanted: Wants = { traced: true, recorder: undefined }
  const host = {
    emit: (span: Span) => void emitted.push(span),
    count: (reason: string) => void counts.push(reason),
    verdict: () => undefined,
    unixTime: (ns: number) => [0, ns] as const,
    ...NO_SERVICES,
  }
  const lookups = new Lookups({ spans, timeoutNs: 5e9, sample: parentBasedAlwaysOn })
  const datagrams = new Datagrams({ ports: [PORT], memory, lookups, host, wanted, lost: () => 0 })
  const record = (bytes: Buffer) => datagrams.record(recordsIn(bytes), 0, bytes.length)
  const bits = () =>
    [0, HALF].map((half) => (new Uint8Array(memory)[half + (PORT >> 3)] ?? 0) >> (PORT & 7))
  return { datagrams, record, emitted, counts, wanted, bits }
}

const QUERY = d.message()
const ANSWER = d.message({ flags: d.RESPONSE })

describe('datagrams', () => {
  for (const [asks, side] of [
    ['OUT', 3],
    ['IN', 2],
  ] as const) {
    test(`a query that goes ${asks}, and its answer`, () => {
      const { datagrams, record, emitted } = fixture(true)
      record(datagramRecord({ connId: 0, timeNs: 1e6 }, asks, QUERY))
      record(datagramRecord({ connId: 0, timeNs: 3e6 }, asks === 'OUT' ? 'IN' : 'OUT', ANSWER))
      datagrams.settle(1e9)
      const facts = emitted.flatMap(({ kind, attributes }) => {
        const peer = attributes.find(({ key }) => key === 'server.address')
        return [kind, peer === undefined ? '' : valueText(peer.value)]
      })
      assert.deepEqual(facts, [side, asks === 'OUT' ? '10.0.0.2' : ''])
    })
  }

  test('what is no message, and what was captured in part', () => {
    const { record, counts } = fixture(true)
    record(datagramRecord({ connId: 0 }, 'OUT', Buffer.from('x')))
    record(datagramRecord({ connId: 0 }, 'OUT', QUERY).subarray(0, -1))
    assert.deepEqual(counts, ['dns_unread', 'dns_unread'])
  })

  test('an answer is waited for until every ring was read past it', () => {
    const { datagrams, record, emitted } = fixture(true)
    record(datagramRecord({ connId: 0, timeNs: 9e6 }, 'IN', ANSWER))
    datagrams.settle(5e6)
    record(datagramRecord({ connId: 0, timeNs: 8e6 }, 'OUT', QUERY))
    datagrams.settle(20e6)
    assert.equal(emitted.length, 1)
  })

  test('while rings do not run empty, what is three seconds old is taken', () => {
    const { datagrams, record, emitted } = fixture(true)
    record(datagramRecord({ connId: 0, timeNs: 1e9 }, 'OUT', QUERY))
    record(datagramRecord({ connId: 0, timeNs: 1e9 + 1 }, 'IN', ANSWER))
    datagrams.settle(3.9e9, false)
    assert.equal(emitted.length, 0)
    datagrams.settle(4.1e9, false)
    assert.equal(emitted.length, 1)
  })

  test('ports are read as far as somebody wants it: of peers, and of sockets', () => {
    const { datagrams, wanted, bits } = fixture(true)
    datagrams.settle(1)
    assert.deepEqual(bits(), [1, 1])
    wanted.traced = false
    datagrams.settle(2)
    assert.deepEqual(bits(), [0, 0])
    wanted.recorder = {} as Recorder
    datagrams.settle(3)
    assert.deepEqual(bits(), [1, 0])
  })

  test('spans are off, and nothing is measured: no port is read', () => {
    const { datagrams, bits } = fixture(false)
    datagrams.settle(1)
    assert.deepEqual(bits(), [0, 0])
  })
})
