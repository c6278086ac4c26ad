import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import type { Component } from '../../pipeline/component.ts'
import { traceBatch } from '../../pipeline/data/batch.ts'
import { later, testContext } from '../../test/support/context.ts'
import { resourceSpans, span } from '../../test/support/telemetry.ts'
import { loadBalancing } from './factory.ts'
import { RINGS, Ring, type RingKind } from './ring.ts'
import { sink } from './testing.ts'

const TRACES = 60
const idOf = (i: number) => i.toString(16).padStart(32, '0').replace(/^0/, '1')
/** Two spans of each of many traces, in two resources. */
const many = () =>
  traceBatch(
    ['shop', 'web'].map((service) =>
      resourceSpans(
        Array.from({ length: TRACES }, (_, i) => span({ traceId: idOf(i), name: service })),
        service,
      ),
    ),
  )

const AT_ONCE = {
  tls: { insecure: true },
  sending_queue: { enabled: false },
  retry_on_failure: { enabled: false },
}

async function exporterTo(t: TestContext, hostnames: readonly string[], more: object = {}) {
  const { ctx, count } = testContext('load_balancing')
  const config = loadBalancing.schema.parse({
    resolver: { static: { hostnames } },
    protocol: { otlp: AT_ONCE },
    ...more,
  })
  const exporter = loadBalancing.create.traces?.(ctx, config)
  assert(exporter !== undefined)
  await exporter.start()
  t.after(() => exporter.shutdown(AbortSignal.abort()))
  return { exporter, count }
}

const wanted = (hosts: readonly string[], host: string, kind?: RingKind) => {
  const ring = new Ring(hosts.toSorted(), kind)
  const ids = Array.from({ length: TRACES }, (_, i) => idOf(i))
  return ids.filter((id) => ring.backendOf(Buffer.from(id, 'hex')) === host).sort()
}

const got = (one: { spans(): readonly { readonly traceId: string }[] }) =>
  [...new Set(one.spans().map(({ traceId }) => traceId))].sort()

describe('load_balancing to three backends', () => {
  test('spans of a trace go to one, that of the ring', async (t) => {
    const sinks = [await sink(t), await sink(t), await sink(t)]
    const hosts = sinks.map(({ host }) => host)
    const { exporter, count } = await exporterTo(t, hosts)
    await exporter.consume(many(), {})
    for (const one of sinks) {
      assert.deepEqual(got(one), wanted(hosts, one.host))
      assert.equal(one.spans().length, 2 * got(one).length)
    }
    assert.equal(count('sent_spans'), 2 * TRACES)
    assert.equal(count('backend_sent_spans'), 2 * TRACES)
  })

  test('what one refuses is tried again, alone', async (t) => {
    const sinks = [await sink(t), await sink(t), await sink(t)]
    const hosts = sinks.map(({ host }) => host)
    const [bad] = sinks
    assert(bad !== undefined)
    bad.state.refuses = true
    const retry = { enabled: true, initial_interval: '50ms', max_interval: '100ms' }
    const { exporter, count } = await exporterTo(t, hosts, { retry_on_failure: retry })
    const sent = exporter.consume(many(), {})
    const until = Date.now() + 20_000
    while (count('backend_send_failed_spans') === 0 && Date.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    bad.state.refuses = false
    await sent
    for (const one of sinks) assert.equal(one.spans().length, 2 * wanted(hosts, one.host).length)
  })

  test('without retries the sender hears of it', async (t) => {
    const sinks = [await sink(t), await sink(t)]
    for (const one of sinks) one.state.refuses = true
    const { exporter, count } = await exporterTo(
      t,
      sinks.map(({ host }) => host),
    )
    await assert.rejects(exporter.consume(many(), {}), { code: 'REFUSED' })
    assert.equal(count('send_failed_spans'), 2 * TRACES)
  })

  test('by service, each is whole', async (t) => {
    const sinks = [await sink(t), await sink(t), await sink(t)]
    const { exporter } = await exporterTo(
      t,
      sinks.map(({ host }) => host),
      { routing_key: 'service' },
    )
    await exporter.consume(many(), {})
    for (const service of ['shop', 'web']) {
      const counts = sinks.map((one) => one.spans().filter(({ name }) => name === service).length)
      assert.deepEqual(
        counts.filter((n) => n > 0),
        [TRACES],
      )
    }
  })

  test('an older ring, as older Collectors have it', async (t) => {
    const sinks = [await sink(t), await sink(t), await sink(t)]
    const hosts = sinks.map(({ host }) => host)
    const { exporter } = await exporterTo(t, hosts, { ring_positions: 36_000 })
    await exporter.consume(many(), {})
    for (const one of sinks) assert.deepEqual(got(one), wanted(hosts, one.host, RINGS[36_000]))
  })

  test('each signal refuses keys that are for others', () => {
    const { ctx } = testContext()
    const make = (
      signal: 'traces' | 'metrics' | 'logs',
      routing_key: string,
    ): Component | undefined =>
      loadBalancing.create[signal]?.(
        ctx,
        loadBalancing.schema.parse({
          routing_key,
          resolver: { static: { hostnames: ['a'] } },
        }),
      )
    assert.throws(() => make('traces', 'metric'), /unsupported routing_key: "metric"/)
    assert.throws(() => make('metrics', 'traceID'), /unsupported routing_key: "traceID"/)
    assert.throws(() => make('logs', 'streamID'), /unsupported routing_key: "streamID"/)
    void make('logs', 'resource')?.shutdown(later())
  })

  for (const [config, want] of [
    [{}, /no resolvers specified for the exporter/],
    [{ resolver: { static: { hostnames: [] } } }, /no hostnames specified/],
    [{ resolver: { dns: {} } }, /no hostname specified to resolve the backends/],
    [{ resolver: { dns: { hostname: 'a', port: 'x' } } }, /invalid port "x"/],
    [{ resolver: { k8s: {} } }, /no service specified to resolve the backends/],
    [
      { resolver: { static: { hostnames: ['a'] }, dns: { hostname: 'a' } } },
      /only one resolver should be specified/,
    ],
    [
      { resolver: { static: { hostnames: ['a'] } }, routing_key: 'attributes' },
      /routing_attributes must be specified/,
    ],
    [
      { resolver: { static: { hostnames: ['a'] } }, routing_attributes: ['a'] },
      /routing_attributes can only be used when routing_key is "attributes"; got ""/,
    ],
    [
      { resolver: { static: { hostnames: ['a'] } }, ring_positions: 36_001 },
      /ring_positions must be 131071 or 36000, got 36001/,
    ],
    [{ resolver: { k8s: { service: 'a..svc.x' } } }, /namespace segment missing in "a..svc.x"/],
    [{ resolver: { k8s: { service: 'a.b.c.x' } } }, /third DNS label to be 'svc' in "a.b.c.x"/],
    [{ resolver: { k8s: { service: 'a.b.svc' } } }, /missing cluster domain in "a.b.svc"/],
    [
      { resolver: { static: { hostnames: ['a'] } }, routing_key: 'trace' },
      /unsupported routing_key: "trace"/,
    ],
  ] as const) {
    test(`${JSON.stringify(config)}: refused`, () =>
      assert.throws(() => loadBalancing.schema.parse(config), want))
  }
})
