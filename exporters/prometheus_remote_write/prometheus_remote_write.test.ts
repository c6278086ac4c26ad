import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { metricBatch } from '../../pipeline/data/batch.ts'
import { later } from '../../test/support/context.ts'
import { backend, type Received } from '../../test/support/http_backend.ts'
import { gauge, resourceMetrics } from '../../test/support/telemetry.ts'
import { prometheusRemoteWrite } from './factory.ts'
import { decodeRequest, exporterTo, many, refuse, SOON, started } from './testing.ts'

const namesOf = (received: readonly Received[]) =>
  received.flatMap(({ body }) => decodeRequest(body).names)

describe('prometheus_remote_write', () => {
  test('posts with the headers of version 1.0 and those of the user', async (t) => {
    const { send, received, count } = await started(t, { headers: { 'X-Scope-OrgID': 'shop' } })
    await send(gauge('load', 1))
    const { headers } = received[0] as Received
    assert.equal(headers['content-type'], 'application/x-protobuf')
    assert.equal(headers['content-encoding'], 'snappy')
    assert.equal(headers['x-prometheus-remote-write-version'], '0.1.0')
    assert.match(String(headers['user-agent']), /^weir/i)
    assert.equal(headers['x-scope-orgid'], 'shop')
    assert.equal(count('sent_metric_points'), 1)
  })

  for (const status of [429, 500, 503]) {
    test(`sends again after ${status}`, async (t) => {
      let asked = 0
      const { send, received, count } = await started(t, SOON, (request, response) => {
        asked += 1
        return asked === 1 ? refuse(status)(request, response) : response.end()
      })
      await send(gauge('load', 1))
      assert.deepEqual(namesOf(received), ['load_ratio', 'load_ratio'])
      assert.deepEqual(received[0]?.body, received[1]?.body)
      assert.equal(count('sent_metric_points'), 1)
    })
  }

  for (const status of [302, 400, 404]) {
    test(`gives up after ${status}`, async (t) => {
      const { send, received, count } = await started(t, {}, refuse(status))
      await assert.rejects(send(gauge('load', 1)), new RegExp(`Code ${status}, Message=not so`))
      assert.equal(received.length, 1)
      assert.equal(count('send_failed_metric_points'), 1)
      assert.equal(count('sent_metric_points'), 0)
    })
  }

  test('a long batch goes in parts, of which only those come again that were not taken', async (t) => {
    const options = { ...SOON, max_batch_size_bytes: 1 }
    const refusals: Record<string, number> = { load_2_ratio: 503, load_3_ratio: 400 }
    const { send, received, count } = await started(t, options, (request, response) => {
      const [name = ''] = decodeRequest(request.body).names
      const status = refusals[name]
      delete refusals[name]
      return status === undefined ? response.end() : refuse(status)(request, response)
    })
    await send(...many(4))
    const expected = [
      'load_0_ratio',
      'load_1_ratio',
      'load_2_ratio',
      'load_2_ratio',
      'load_3_ratio',
    ]
    assert.deepEqual(namesOf(received).sort(), expected)
    assert.equal(count('dropped_permanent_error'), 1)
  })

  for (const [options, want] of [
    [{ max_batch_request_parallelism: 2 }, 2],
    [{ max_batch_request_parallelism: 3, remote_write_queue: { num_consumers: 1 } }, 3],
    [{ remote_write_queue: { enabled: false, num_consumers: 4 } }, 4],
  ] as const) {
    test(`of a long batch ${want} requests are under way at once: ${JSON.stringify(options)}`, async (t) => {
      const open: (() => void)[] = []
      const all = Promise.withResolvers<void>()
      let most = 0
      const { send } = await started(
        t,
        { ...options, max_batch_size_bytes: 1 },
        (_request, response) => {
          open.push(() => response.end())
          most = Math.max(most, open.length)
          if (open.length === want) all.resolve()
        },
      )
      const sent = send(...many(8))
      await all.promise
      const timer = setInterval(() => open.splice(0).forEach((end) => void end()), 5)
      t.after(() => clearInterval(timer))
      await sent
      assert.equal(most, want)
    })
  }

  test('what was refused is refused once more if it comes again', async (t) => {
    const { exporter, received } = await started(t, {}, refuse(400))
    const batch = metricBatch([resourceMetrics(many(1))])
    await assert.rejects(exporter.consume(batch, {}), /Code 400/)
    await assert.rejects(exporter.consume(batch, {}), /Code 400/)
    assert.equal(received.length, 2)
  })

  test('what waits in the queue is sent before the end, and counted if it is refused', async (t) => {
    const queue = { remote_write_queue: { queue_size: 10 } }
    const { exporter, send, count, lines } = await started(t, queue, refuse(400))
    await send(gauge('load', 1), gauge('size', 1))
    await exporter.shutdown(later())
    assert.equal(count('dropped_permanent_error'), 2)
    assert(lines.some((line) => line.includes('Dropping data')))
  })

  test('metadata of the client goes along as headers, those of the user win', async (t) => {
    const { exporter, received } = await started(t, {
      include_metadata_keys: ['X-Scope-OrgID', 'tenant', 'none'],
      headers: { tenant: 'fixed' },
    })
    const metadata = new Map([
      ['x-scope-orgid', ['a', 'b']],
      ['tenant', ['c']],
      ['other', ['d']],
    ])
    const batch = () => metricBatch([resourceMetrics(many(1))])
    await exporter.consume(batch(), { client: { address: '', metadata } })
    await exporter.consume(batch(), {})
    const sent = received.map(({ headers }) =>
      ['x-scope-orgid', 'tenant', 'none', 'other'].map((name) => headers[name]),
    )
    assert.deepEqual(sent, [
      ['a, b', 'fixed', undefined, undefined],
      [undefined, 'fixed', undefined, undefined],
    ])
  })

  test('metadata that no header can have is refused for ever', async (t) => {
    const options = { ...SOON, include_metadata_keys: ['tenant'] }
    const { exporter, received, count } = await started(t, options)
    const client = { address: '', metadata: new Map([['tenant', ['a\r\nx: y']]]) }
    const sent = exporter.consume(metricBatch([resourceMetrics(many(1))]), { client })
    await assert.rejects(sent, /Invalid character in header content \["tenant"\]/)
    assert.deepEqual([received.length, count('send_failed_metric_points')], [0, 1])
  })

  test('the client of http is used, and what stands beside it is said to be without effect', async (t) => {
    const { received, url } = await backend(t)
    const { send, lines } = await exporterTo(t, 'http://127.0.0.1:1', {
      headers: { tenant: 'beside' },
      http: { endpoint: `${url}/write`, headers: { tenant: 'inside' } },
    })
    await send(gauge('load', 1))
    const sent = received.map(({ headers, path }) => [path, headers['tenant']])
    assert.deepEqual(sent, [['/write', 'inside']])
    assert(
      lines.some((line) => /without effect.*\bendpoint\b.*\bheaders\b/.test(line)),
      lines.join('\n'),
    )
  })

  test('http alone needs no endpoint beside it, and warns of nothing', async (t) => {
    const { received, url } = await backend(t)
    const options = { endpoint: '', http: { endpoint: url } }
    const { send, lines } = await exporterTo(t, '', options)
    await send(gauge('load', 1))
    assert.deepEqual([received.length, lines], [1, []])
  })

  test('timeout of http is that of one request, which comes again', async (t) => {
    let asked = 0
    const { received, url } = await backend(t, (_request, response) => {
      asked += 1
      if (asked > 1) response.end()
    })
    const options = { ...SOON, timeout: 0, endpoint: '', http: { endpoint: url, timeout: '50ms' } }
    const { send, lines } = await exporterTo(t, url, options)
    await send(gauge('load', 1))
    assert.equal(received.length, 2)
    assert(
      lines.some((line) => line.includes('no answer within 0.05s')),
      lines.join('\n'),
    )
  })

  const refused: [name: string, options: object, says: RegExp][] = [
    ['no endpoint', { endpoint: '' }, /endpoint must be specified/],
    ['http without an endpoint', { http: {} }, /endpoint must be specified/],
    [
      'metadata that the protocol says itself',
      { include_metadata_keys: ['content-Type'] },
      /include_metadata_keys entry "content-Type" collides with a reserved remote write header/,
    ],
    ['metadata without a name', { include_metadata_keys: ['a b'] }, /"a b" is no name of a header/],
    ['a queue on disk without a place', { wal: {} }, /'directory' is required/],
    ['a queue on disk nowhere', { wal: { directory: '' } }, /directory must be specified/],
    [
      'another message',
      { protobuf_message: 'v3' },
      /or io.prometheus.write.v2.Request .* got "v3"/,
    ],
    ['another compression', { compression: 'gzip' }, /must be snappy, .* got "gzip"/],
    ['requests of no bytes', { max_batch_size_bytes: 0 }, /must be positive, got 0/],
    ['a label of nothing', { external_labels: { a: '' } }, /a label must have a value/],
  ]
  for (const [name, options, says] of refused) {
    test(`refuses ${name}`, () => {
      const all = { endpoint: 'http://localhost:1', ...options }
      assert.throws(() => prometheusRemoteWrite.schema.parse(all), says)
    })
  }
})
