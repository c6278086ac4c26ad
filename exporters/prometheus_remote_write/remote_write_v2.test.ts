import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { type Metric, type ResourceMetrics, Temporality } from '../../pipeline/data/metrics.ts'
import { EVERY_KIND, edge } from '../../test/support/every_metric.ts'
import type { Answer, Received } from '../../test/support/http_backend.ts'
import { gauge, point, resourceMetrics } from '../../test/support/telemetry.ts'
import { schema } from './config.ts'
import { SeriesSet } from './series.ts'
import { decodeRequest, decodeRequestV2, many, refuse, SOON, started } from './testing.ts'
import { requestsOfV2 } from './write_request_v2.ts'

const GOLDEN = join(import.meta.dirname, '../../../exporters/prometheus_remote_write/testdata')
const PLAIN = { disable_scope_info: true, target_info: { enabled: false } }
const V2 = { protobuf_message: 'io.prometheus.write.v2.Request', ...SOON }

function requestsFor(batch: readonly ResourceMetrics[], options: object = {}) {
  const config = schema.parse({ endpoint: 'http://localhost:1', ...options })
  const set = new SeriesSet(config, () => assert.fail('nothing is dropped'))
  for (const resource of batch) set.add(resource)
  return [...requestsOfV2(set.series, config.max_batch_size_bytes)]
}

const writtenHeaders = (samples: number, histograms = 0, exemplars = 0) => ({
  'x-prometheus-remote-write-samples-written': samples,
  'x-prometheus-remote-write-histograms-written': histograms,
  'x-prometheus-remote-write-exemplars-written': exemplars,
})

/** A receiver as the specification asks for. */
const take: Answer = ({ body }, response) => {
  const { samples, histograms, exemplars } = decodeRequestV2(body)
  response.writeHead(204, writtenHeaders(samples, histograms, exemplars)).end()
}

const versionsOf = (received: readonly Received[]) =>
  received.map(({ headers }) => headers['x-prometheus-remote-write-version'])

/** A receiver of version 1.0, that answers to what it does not know as told. */
const old =
  (answer: Answer): Answer =>
  (request, response) =>
    versionsOf([request])[0] === '2.0.0' ? answer(request, response) : response.end()

describe('a request of version 2.0', () => {
  test('has of every kind of metric what every_kind_v2.txt has', () => {
    const [request] = requestsFor([edge(EVERY_KIND)])
    const { symbols, lines } = decodeRequestV2(request?.body ?? Buffer.alloc(0))
    assert.equal(symbols[0], '')
    assert.equal(new Set(symbols).size, symbols.length)
    const text = `${lines.join('\n')}\n`
    const path = join(GOLDEN, 'every_kind_v2.txt')
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(path, text)
    assert.equal(text, readFileSync(path, 'utf8'))
  })

  test('tells when counting began, of what counts', () => {
    const since = { ...point(7), start: [1_600_000_000, 0] as const }
    const data = { monotonic: true, temporality: Temporality.cumulative, points: [since] }
    const sum: Metric = { ...gauge('hits', 0), unit: '', data: { kind: 'sum', ...data } }
    const level: Metric = { ...gauge('level', 0), data: { kind: 'gauge', points: [since] } }
    const [request] = requestsFor([resourceMetrics([sum, level])], PLAIN)
    assert.deepEqual(decodeRequestV2(request?.body ?? Buffer.alloc(0)).lines, [
      '__name__=hits_total job=shop | sample 7 @1700000000000 since 1600000000000 | 1 "" ""',
      '__name__=level_ratio job=shop | sample 7 @1700000000000 | 2 "" ""',
    ])
  })

  test('is no longer than allowed, and each has its own symbols', () => {
    const batch = [resourceMetrics(many(3))]
    const requests = requestsFor(batch, { ...PLAIN, max_batch_size_bytes: 160 })
    const decoded = requests.map(({ body }) => decodeRequestV2(body))
    const names = decoded.map((one) => one.names)
    assert.deepEqual(names, [['load_0_ratio', 'load_1_ratio'], ['load_2_ratio']])
    assert.deepEqual(decoded[1]?.symbols, ['', '__name__', 'load_2_ratio', 'job', 'shop'])
  })
})

describe('prometheus_remote_write 2.0', () => {
  test('is asked for by its headers, and what was written is what was sent', async (t) => {
    const { send, received, count } = await started(t, V2, take)
    await send(...many(3))
    const { headers } = received[0] as Received
    const type = 'application/x-protobuf;proto=io.prometheus.write.v2.Request'
    assert.equal(headers['content-type'], type)
    assert.equal(headers['content-encoding'], 'snappy')
    assert.deepEqual(versionsOf(received), ['2.0.0'])
    assert.equal(count('sent_metric_points'), 3)
    assert.equal(count('dropped_permanent_error'), 0)
  })

  const olds: [name: string, answer: Answer][] = [
    ['415', refuse(415)],
    ['400 without a word of what was written', refuse(400)],
    ['200 without a word of what was written', (_, response) => response.end()],
  ]
  for (const [name, answer] of olds) {
    test(`speaks 1.0 from now on with who says ${name}`, async (t) => {
      const { send, received, count, lines } = await started(t, V2, old(answer))
      await send(...many(2))
      await send(gauge('load', 1))
      assert.deepEqual(versionsOf(received), ['2.0.0', '0.1.0', '0.1.0'])
      const names = received.slice(1).map(({ body }) => decodeRequest(body).names)
      assert.deepEqual(names, [['load_0_ratio', 'load_1_ratio'], ['load_ratio']])
      assert.equal(count('sent_metric_points'), 3)
      assert.equal(lines.filter((line) => line.includes('it gets 1.0 now')).length, 1)
    })
  }

  test('stays with 2.0 if 1.0 is refused as well', async (t) => {
    const { send, received, count } = await started(t, V2, refuse(400))
    await assert.rejects(send(gauge('load', 1)), /Code 400, Message=not so/)
    await assert.rejects(send(gauge('load', 1)), /Code 400/)
    assert.deepEqual(versionsOf(received), ['2.0.0', '0.1.0', '2.0.0', '0.1.0'])
    assert.equal(count('send_failed_metric_points'), 2)
  })

  test('a request that was written in part is not sent again, and the rest is counted', async (t) => {
    const { send, received, count, lines } = await started(t, V2, refuse(400, writtenHeaders(3)))
    await send(...many(5))
    assert.equal(received.length, 1)
    assert.equal(count('dropped_permanent_error'), 2)
    assert(lines.some((line) => line.includes('Message=not so: 3 of 5 samples written')))
  })

  test('who says that all is well and has not written all is not believed', async (t) => {
    const { send, count } = await started(t, V2, refuse(200, writtenHeaders(4)))
    await send(...many(5))
    assert.equal(count('dropped_permanent_error'), 1)
  })

  test('is sent again after 503', async (t) => {
    let asked = 0
    const { send, received, count } = await started(t, V2, (request, response) => {
      asked += 1
      return asked === 1 ? refuse(503)(request, response) : take(request, response)
    })
    await send(gauge('load', 1))
    assert.deepEqual(versionsOf(received), ['2.0.0', '2.0.0'])
    assert.equal(count('sent_metric_points'), 1)
  })
})
