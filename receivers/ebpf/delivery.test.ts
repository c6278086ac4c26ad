import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Consumer, RefusedError } from '../../pipeline/component.ts'
import { type TraceBatch, traceBatch } from '../../pipeline/data/batch.ts'
import { NO_SPAN, type Span } from '../../pipeline/data/traces.ts'
import { Counters } from './counters.ts'
import { Delivery } from './delivery.ts'

const span: Span = {
  ...NO_SPAN,
  traceId: '1'.repeat(32),
  spanId: '2'.repeat(16),
  flags: 1,
  name: 'GET',
  kind: 2,
  start: [0, 0],
  end: [0, 1],
  attributes: [],
}

const batch = (spans: number): TraceBatch =>
  traceBatch([
    {
      resource: { attributes: [], droppedAttributesCount: 0 },
      scopeSpans: [
        {
          scope: { name: 'x', version: '', attributes: [], droppedAttributesCount: 0 },
          spans: Array.from({ length: spans }, () => span),
          schemaUrl: '',
        },
      ],
      schemaUrl: '',
    },
  ])

/** A pipeline that answers what it is told to, one answer after the other, and then takes everything. */
function setUp(answers: readonly (Error | undefined)[]) {
  const left = [...answers]
  const errors: unknown[] = []
  const counters = new Counters()
  const next: Consumer<TraceBatch> = {
    consume: () => {
      const answer = left.shift()
      return answer === undefined ? Promise.resolve() : Promise.reject(answer)
    },
  }
  const delivery = new Delivery(counters, (error) => errors.push(error))
  delivery.open(next)
  return { errors, counters, delivery }
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve))
const soon = () => AbortSignal.timeout(1000)

describe('Delivery', () => {
  test('counts what the pipeline takes', async () => {
    const { delivery, counters } = setUp([])
    delivery.send(batch(3))
    delivery.send(batch(4))
    await delivery.close(soon())
    assert.deepEqual([delivery.exported, counters.total('lost')], [7, 0])
  })

  test('offers a refused batch again, later and later', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const { delivery } = setUp([new RefusedError('full'), new RefusedError('full')])
    delivery.send(batch(5))
    await settled()
    t.mock.timers.tick(100)
    await settled()
    assert.equal(delivery.exported, 0)
    t.mock.timers.tick(199)
    await settled()
    assert.equal(delivery.waiting, 5)
    t.mock.timers.tick(1)
    await settled()
    assert.deepEqual([delivery.exported, delivery.waiting], [5, 0])
  })

  test('keeps to the time that the refusal names', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const { delivery } = setUp([new RefusedError('full', { retryAfterMs: 3000 })])
    delivery.send(batch(1))
    await settled()
    t.mock.timers.tick(2999)
    await settled()
    assert.equal(delivery.exported, 0)
    t.mock.timers.tick(1)
    await settled()
    assert.equal(delivery.exported, 1)
  })

  test('drops a batch that failed, and tells', async () => {
    const { delivery, counters, errors } = setUp([new Error('broken')])
    delivery.send(batch(2))
    await settled()
    assert.deepEqual([delivery.exported, counters.get('rejected'), errors.length], [0, 2, 1])
  })

  test('drops beyond its bound, and every span is in one account', async () => {
    const { delivery, counters } = setUp(Array(40).fill(new RefusedError('full')))
    for (let i = 0; i < 40; i++) delivery.send(batch(1000))
    await settled()
    assert.equal(delivery.waiting, 16_000)
    assert.equal(counters.get('refused'), 24_000)
    await delivery.close(soon())
    assert.equal(counters.get('refused') + delivery.exported, 40_000)
  })

  test('close does not wait beyond its deadline for a pipeline that hangs', async () => {
    const counters = new Counters()
    const hangs: Consumer<TraceBatch> = { consume: () => new Promise(() => undefined) }
    const delivery = new Delivery(counters, () => undefined)
    delivery.open(hangs)
    delivery.send(batch(9))
    await delivery.close(AbortSignal.abort())
    assert.equal(counters.get('refused'), 9)
  })
})
