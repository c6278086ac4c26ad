import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ConnFlag, EndReason, Protocol, setEpoch } from '../../bpf/events.gen.ts'
import { attribute } from '../../pipeline/data/attributes.ts'
import { SpanKind } from '../../pipeline/data/traces.ts'
import { Clock } from './clock.ts'
import { Connections } from './connections.ts'
import { ProcessBooks } from './costs/process_books.ts'
import { Counters } from './counters.ts'
import { knownBy } from './discovery/testing.ts'
import { OwnSockets } from './own_sockets.ts'
import { PendingSpans } from './pending_spans.ts'
import { HTTP1_DEFAULTS, http1 } from './protocols/http1/protocol.ts'
import { recordsIn } from './records.ts'
import { chunkRecord, endRecord, exchangeRecord, NO_PROCESSES } from './testing.ts'
import { Verdicts } from './verdicts.ts'

const noop = () => undefined
const REQUEST = 'GET /a HTTP/1.1\r\nHost: shop\r\n\r\n'
const RESPONSE = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

function setUp(max = 1000) {
  setEpoch(0n)
  const counters = new Counters()
  const spans = new PendingSpans(
    { name: 'weir', version: '', attributes: [], droppedAttributesCount: 0 },
    () => ({ attributes: [], droppedAttributesCount: 0 }),
  )
  const books = new ProcessBooks()
  const verdicts = new BigUint64Array(64)
  const connections = new Connections({
    max,
    openStream: http1(HTTP1_DEFAULTS),
    clock: new Clock(() => ({ bootNs: 0n, realNs: 0n, windowNs: 0 })),
    counters,
    books,
    spans,
    ownSockets: new OwnSockets(),
    ...NO_PROCESSES,
    verdicts: new Verdicts(verdicts.buffer),
  })
  /** All spans so far, as one line each. */
  const taken = () =>
    (spans.take(() => knownBy(true), { dropped: noop })?.resources() ?? [])
      .flatMap((one) => one.scopeSpans.flatMap((scope) => scope.spans))
      .map((span) => {
        const path =
          attribute(span.attributes, 'url.path') ?? attribute(span.attributes, 'url.full')
        const status = attribute(span.attributes, 'http.response.status_code')
        const kind = span.kind === SpanKind.server ? 'server' : 'client'
        return [kind, path, status]
          .map((v) => (typeof v === 'object' && 'value' in v ? v.value : v))
          .join(' ')
      })
  const feed = (...records: Buffer[]) => {
    for (const record of records) connections.record(recordsIn(record), 0, record.length)
  }
  return { connections, counters, books, verdicts, taken, feed }
}

const get = (path: string) => ({ data: REQUEST.replace('/a', path) })

describe('Connections', () => {
  test('an exchange record gives a span', () => {
    const { feed, taken } = setUp()
    feed(exchangeRecord({ connId: 1 }, get('/x'), { data: RESPONSE }))
    assert.deepEqual(taken(), ['server /x 200'])
  })

  test('chunks give the same span', () => {
    const { feed, taken } = setUp()
    feed(
      chunkRecord({ connId: 1 }, 'IN', get('/x')),
      chunkRecord({ connId: 1, sequence: 1 }, 'OUT', { data: RESPONSE }),
    )
    assert.deepEqual(taken(), ['server /x 200'])
  })

  test('of a client the request goes out', () => {
    const { feed, taken } = setUp()
    feed(
      chunkRecord({ connId: 1, role: 'CLIENT' }, 'OUT', get('/x')),
      chunkRecord({ connId: 1, role: 'CLIENT', sequence: 1 }, 'IN', { data: RESPONSE }),
    )
    assert.deepEqual(taken(), ['client http://shop/x 200'])
  })

  test('waits for the rest of a response, and takes it from an end record', () => {
    const { feed, taken, connections } = setUp()
    const head = RESPONSE.replace('2\r\n\r\nok', '5000\r\n\r\n')
    feed(exchangeRecord({ connId: 1 }, get('/x'), { data: head }))
    assert.deepEqual([taken(), connections.awaiting.size], [[], 1])
    feed(endRecord({ connId: 1, sequence: 1 }, EndReason.RESPONSE, { bytes: head.length + 5000 }))
    assert.deepEqual([taken(), connections.awaiting.size], [['server /x 200'], 0])
  })

  test('a connection that closes is forgotten', () => {
    const { feed, connections } = setUp()
    feed(
      exchangeRecord({ connId: 1 }, get('/x'), { data: RESPONSE }),
      endRecord({ connId: 1, sequence: 1 }, EndReason.CLOSED),
    )
    assert.equal(connections.size, 0)
  })

  test('counts the records that are missing', () => {
    const { feed, counters } = setUp()
    feed(
      exchangeRecord({ connId: 1 }, get('/1'), { data: RESPONSE }),
      exchangeRecord(
        { connId: 1, sequence: 4 },
        { ...get('/5'), position: 4 * REQUEST.length },
        { data: RESPONSE, position: 4 * RESPONSE.length },
      ),
    )
    assert.equal(counters.get('record_lost'), 3)
  })

  test('keeps to its bound, and says what it let go', () => {
    const { feed, counters, connections } = setUp(64)
    for (let connId = 1; connId <= 100; connId++) {
      feed(exchangeRecord({ connId }, get('/x'), { data: RESPONSE }))
    }
    assert.deepEqual([connections.size, counters.get('connection_evicted')], [64, 36])
  })

  test('ciphertext is counted and not read', () => {
    const { feed, counters, connections } = setUp()
    feed(chunkRecord({ connId: 1, protocol: Protocol.TLS }, 'IN', { bytes: 517 }))
    assert.deepEqual([connections.size, counters.get('tls_ciphertext')], [0, 1])
  })

  test('plaintext waits for its role', () => {
    const { feed, taken, connections } = setUp()
    const flags = ConnFlag.TLS | ConnFlag.NO_ADDRESS
    feed(chunkRecord({ connId: 1, role: 'UNKNOWN', flags }, 'OUT', get('/x')))
    assert.equal(connections.size, 0)
    feed(
      chunkRecord({ connId: 1, sequence: 1, role: 'CLIENT', flags: ConnFlag.TLS }, 'IN', {
        data: RESPONSE,
      }),
    )
    assert.deepEqual(taken(), ['client https://shop/x 200'])
  })

  test('plaintext whose role nobody proves is read by its content', () => {
    const { feed, taken } = setUp()
    const flags = ConnFlag.TLS | ConnFlag.NO_ADDRESS
    feed(
      chunkRecord({ connId: 1, role: 'UNKNOWN', flags }, 'IN', get('/x')),
      chunkRecord({ connId: 1, sequence: 1, role: 'UNKNOWN', flags }, 'OUT', { data: RESPONSE }),
    )
    assert.deepEqual(taken(), ['server /x 200'])
  })

  test('a verdict is written where the kernel looks for it', () => {
    const { feed, verdicts } = setUp()
    const connId = 2 ** 40 + 7
    const garbage = Array.from({ length: 40 }, (_, i) =>
      chunkRecord({ connId, sequence: i, protocol: 0 }, i % 2 === 0 ? 'IN' : 'OUT', {
        position: i * 4,
        data: '\x01\x02\x03\x04',
      }),
    )
    feed(...garbage)
    assert.equal(verdicts[7], (BigInt(connId) << 4n) | 1n)
  })

  type Bad = [name: string, record: Buffer]
  const whole = exchangeRecord({ connId: 1 }, get('/x'), { data: RESPONSE })
  const bad: Bad[] = [
    ['empty', Buffer.alloc(0)],
    ['cut in its head', whole.subarray(0, 40)],
    ['cut behind its head', whole.subarray(0, 100)],
    ['of no known type', Buffer.alloc(300, 0xff)],
  ]
  for (const [name, record] of bad) {
    test(`a record that is ${name} is counted and left`, () => {
      const { feed, counters, taken } = setUp()
      feed(record)
      assert.deepEqual([taken(), counters.get('record_invalid')], [[], 1])
    })
  }

  test('a record that promises more bytes than it has gives no more than it has', () => {
    const { feed, taken } = setUp()
    const record = Buffer.from(whole)
    record.writeUInt32LE(60_000, 88 + 40)
    feed(record)
    assert.ok(taken().length <= 1)
  })
})

test('of requests and answers that a ring lost, none is missing in the books', () => {
  const { feed, taken, counters } = setUp()
  const request = (i: number) => ({ ...get('/x'), position: i * REQUEST.length })
  const response = (i: number) => ({ data: RESPONSE, position: i * RESPONSE.length })
  feed(
    chunkRecord({ connId: 1 }, 'IN', request(0)),
    chunkRecord({ connId: 1, sequence: 1 }, 'OUT', response(0)),
    chunkRecord({ connId: 1, sequence: 2 }, 'IN', request(1)),
    // Lost: the answer to 1, and all of 2, whose request the kernel has counted.
    chunkRecord({ connId: 1, sequence: 6 }, 'IN', request(3)),
    chunkRecord({ connId: 1, sequence: 7 }, 'OUT', response(3)),
    chunkRecord({ connId: 1, sequence: 8 }, 'IN', request(4)),
    chunkRecord({ connId: 1, sequence: 9 }, 'OUT', response(4)),
  )
  assert.deepEqual([taken().length, counters.get('record_lost')], [2, 3])
  assert.equal(counters.total('lost'), 2, 'requests 1 and 3')
})
