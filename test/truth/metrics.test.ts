import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { metricsCodec, tracesCodec } from '../../pipeline/codec/signal_codec.ts'
import { type Attributes, attribute } from '../../pipeline/data/attributes.ts'
import type { Metric, MetricData } from '../../pipeline/data/metrics.ts'
import { SpanKind } from '../../pipeline/data/traces.ts'
import { valueText } from '../../pipeline/data/value_text.ts'
import { full } from '../size.ts'
import { readTaken, startBackend, type Taken } from '../support/otlp_backend.ts'
import { freePort } from '../support/ports.ts'
import { startPrometheus } from '../support/prometheus.ts'
import { startWeir } from './agent.ts'
import { startNginx } from './nginx.ts'
import type { Server } from './programs.ts'

const run = promisify(execFile)
const TIMEOUT = { timeout: 60_000 }
/** Requests of one kind. */
const N = full ? 2500 : 50
const KINDS = [
  ['server', SpanKind.server],
  ['client', SpanKind.client],
] as const

type Histogram = Extract<MetricData, { readonly kind: 'histogram' | 'exponential_histogram' }>
/** With the instance of the service that it is of. */
type Point = Histogram['points'][number] & { readonly instance: string }
type Backend = Awaited<ReturnType<typeof startBackend>>

const pointsOf = ({ data }: Metric): readonly Histogram['points'][number][] =>
  data.kind === 'histogram' || data.kind === 'exponential_histogram' ? data.points : []

/** All points of the server with this status, in the order in which they came. */
const pointsIn = (taken: readonly Taken[], name: string, status: string): Point[] =>
  taken
    .filter(({ path }) => path === '/v1/metrics')
    .flatMap((one) => readTaken(metricsCodec, one))
    .flatMap(({ resource, scopeMetrics }) => {
      const instance = textOf(resource.attributes, 'service.instance.id')
      const metrics = scopeMetrics.flatMap((scope) => scope.metrics)
      const points = metrics.filter((metric) => metric.name === name).flatMap(pointsOf)
      return points.map((point) => ({ ...point, instance }))
    })
    .filter(
      ({ attributes }) =>
        textOf(attributes, 'server.port') === String(server.port) &&
        textOf(attributes, 'http.response.status_code') === status,
    )

function textOf(attributes: Attributes, key: string): string {
  const value = attribute(attributes, key)
  return value === undefined ? '' : valueText(value)
}

/** Of cumulative points the last one of each series. */
function latest(points: readonly Point[]): Point[] {
  const id = ({ attributes, start, instance }: Point) =>
    JSON.stringify([attributes, start, instance])
  return [...new Map(points.map((point) => [id(point), point])).values()]
}

const sumOf = (numbers: readonly number[]) => numbers.reduce((sum, one) => sum + one, 0)
const counted = (points: readonly Point[]) => sumOf(points.map(({ count }) => Number(count)))

/** Every process is watched: which is, programs of a moment must not have to wait for. The port tells those of the test. */
const config = (sink: Backend, { metrics = {}, ...receiver }: Settings, pipelines: object) =>
  JSON.stringify({
    receivers: {
      ebpf: {
        ...receiver,
        metrics: { interval: '200ms', dimensions: ['server.port'], ...metrics },
      },
    },
    exporters: {
      otlp_http: { endpoint: sink.endpoint, compression: 'none' },
      prometheus: { endpoint: `127.0.0.1:${prometheusPort}` },
    },
    service: { pipelines, telemetry: { metrics: { level: 'none' } } },
  })

interface Settings {
  readonly metrics?: object
  readonly sampler?: object
}

/** Asks until it is there, but not for ever: what is then asserted says what is not. */
async function until(isThere: () => boolean): Promise<void> {
  for (let i = 0; i < 250 && !isThere(); i++) await sleep(100)
}

let prometheusPort = 0
let folder = ''
let server: Server

/** `N` GETs over kept connections, half as many on connections of their own, and some that are not found. */
async function ask(): Promise<void> {
  const urls = (path: string, n: number) =>
    Array.from({ length: n }, (_, i) => ['-o', '/dev/null', `${server.base}/r/${i}/${path}`]).flat()
  await run('curl', ['-s', ...urls('small', N)])
  await run('curl', ['-s', '-H', 'Connection: close', ...urls('small', N / 2)])
  await run('curl', ['-s', ...urls('none', N / 2)])
}

/** By status. */
const WANTED = [
  ['200', 1.5 * N],
  ['404', 0.5 * N],
] as const

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weir-metrics-'))
  server = await startNginx(folder)
  prometheusPort = await freePort()
})

after(async () => {
  await server.stop()
  rmSync(folder, { recursive: true })
})

describe('metrics of nginx and curl', () => {
  test('with traces, by OTLP and by a scrape: exactly as many as spans', TIMEOUT, async () => {
    const sink = await startBackend()
    const document = config(
      sink,
      { metrics: { exemplars: { enabled: true } } },
      {
        traces: { receivers: ['ebpf'], exporters: ['otlp_http'] },
        metrics: { receivers: ['ebpf'], exporters: ['otlp_http', 'prometheus'] },
      },
    )
    const agent = await startWeir(document)
    const prometheus = await startPrometheus(prometheusPort)
    const spans = () =>
      sink.taken
        .filter(({ path }) => path === '/v1/traces')
        .flatMap((one) => readTaken(tracesCodec, one))
        .flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans))
        .filter(({ attributes }) => textOf(attributes, 'server.port') === String(server.port))
    const allOf = (kind: string, status: string) =>
      pointsIn(sink.taken, `http.${kind}.request.duration`, status)
    const lastOf = (kind: string, status: string) => latest(allOf(kind, status))
    const counts = () =>
      KINDS.flatMap(([kind]) => WANTED.map(([status]) => counted(lastOf(kind, status))))
    const wanted = KINDS.flatMap(() => WANTED.map(([, n]) => n))
    try {
      await ask()
      await until(() => sumOf(counts()) >= sumOf(wanted) && spans().length >= sumOf(wanted))
      assert.deepEqual(counts(), wanted)
      const label = `{server_port="${server.port}",http_response_status_code="200"}`
      for (const name of ['request_duration_seconds', 'response_body_size_bytes']) {
        const scraped = `sum(http_server_${name}_count${label}) == ${1.5 * N}`
        assert.equal((await prometheus.query(scraped)).length, 1)
      }
    } finally {
      assert.equal(await agent.stop(), 0)
      await prometheus.stop()
      sink.close()
    }
    assert.equal(spans().length, sumOf(wanted))
    for (const [kind, code] of KINDS) {
      const ofKind = spans().filter((span) => span.kind === code)
      const took = ofKind.map(({ start, end }) => end[0] - start[0] + (end[1] - start[1]) / 1e9)
      const points = WANTED.flatMap(([status]) => lastOf(kind, status))
      const sum = points.reduce((all, point) => all + (point.sum ?? 0), 0)
      assert.ok(Math.abs(sum - sumOf(took)) < 1e-6, `${kind}: ${sum} is not ${sumOf(took)}`)
      const examples = WANTED.flatMap(([status]) => allOf(kind, status)).flatMap(
        (point) => point.exemplars,
      )
      const ids = new Set(ofKind.map(({ spanId }) => spanId))
      assert.ok(examples.length > 0 && examples.every(({ spanId }) => ids.has(spanId)), kind)
    }
  })

  test(
    'without traces: what no sampler keeps is counted, delta, exponential',
    TIMEOUT,
    async () => {
      const sink = await startBackend()
      const document = config(
        sink,
        {
          sampler: { name: 'always_off' },
          metrics: {
            aggregation_temporality: 'AGGREGATION_TEMPORALITY_DELTA',
            histogram_aggregation: 'base2_exponential_bucket_histogram',
          },
        },
        { metrics: { receivers: ['ebpf'], exporters: ['otlp_http'] } },
      )
      const agent = await startWeir(document)
      const all = () =>
        WANTED.map(([status]) => pointsIn(sink.taken, 'http.server.request.duration', status))
      const wanted = WANTED.map(([, n]) => n)
      try {
        await ask()
        await until(() => sumOf(all().map(counted)) >= sumOf(wanted))
      } finally {
        assert.equal(await agent.stop(), 0)
        sink.close()
      }
      assert.deepEqual(all().map(counted), wanted)
      assert.ok(
        all()
          .flat()
          .every((point) => 'scale' in point),
      )
      assert.ok(sink.taken.every(({ path }) => path === '/v1/metrics'))
    },
  )
})
