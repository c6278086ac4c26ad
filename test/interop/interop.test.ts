import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { full } from '../size.ts'
import { makeCertificates } from '../support/certificates.ts'
import { LANGUAGES } from '../support/sdks.ts'
import { type Agent, startWeir } from '../truth/agent.ts'
import { freePort } from '../truth/programs.ts'
import { type Protocol, type Row, runSender } from './senders.ts'
import { type Collected, type Sink, startSink } from './sink.ts'

const ARRIVAL_MS = 10_000
const SIGNALS = ['traces', 'metrics', 'logs'] as const
/** The ways from weir to the sink: every row takes all of them. */
const WAYS = ['proto', 'json'] as const

const PROTOCOLS: readonly Protocol[] = ['http/protobuf', 'http/json']

const everyRow: readonly Row[] = LANGUAGES.flatMap((language) =>
  PROTOCOLS.filter((protocol) => language === 'js' || protocol !== 'http/json').flatMap(
    (protocol) =>
      (['none', 'gzip'] as const).flatMap((compression) =>
        [false, true].map((tls) => ({ language, protocol, compression, tls })),
      ),
  ),
)

/** Plain without compression and the whole with it: the two ends. */
const rows = everyRow.filter((row) => full || row.tls === (row.compression === 'gzip'))

const pem = makeCertificates()

interface Ports {
  readonly http: number
  readonly https: number
  readonly metrics: number
}

function config(ports: Ports, sink: Sink): string {
  const tls = { cert_file: pem.serverCert, key_file: pem.serverKey }
  const http = (port: number) => ({ endpoint: `127.0.0.1:${port}` })
  const receivers = ['otlp', 'otlp/tls']
  const exporters = WAYS.map((way) => `otlp_http/${way}`)
  const pipeline = { receivers, processors: ['batch'], exporters }
  return JSON.stringify({
    receivers: {
      otlp: { protocols: { http: http(ports.http) } },
      'otlp/tls': { protocols: { http: { ...http(ports.https), tls } } },
    },
    processors: { batch: { timeout: '10ms' } },
    exporters: {
      'otlp_http/proto': { endpoint: `http://127.0.0.1:${sink.http}/proto` },
      'otlp_http/json': { endpoint: `http://127.0.0.1:${sink.http}/json`, encoding: 'json' },
    },
    service: {
      telemetry: { metrics: { level: 'none' } },
      pipelines: Object.fromEntries(SIGNALS.map((signal) => [signal, pipeline])),
    },
  })
}

const endpointOf = ({ tls }: Row, ports: Ports): string =>
  tls ? `https://127.0.0.1:${ports.https}` : `http://127.0.0.1:${ports.http}`

/** In an order of their own: what is sent together need not arrive together. */
const sorted = (collected: Collected | undefined, signal: string): readonly string[] =>
  (collected?.[signal] ?? []).map((item) => JSON.stringify(item)).sort()

const countOf = (collected: Collected | undefined): number =>
  SIGNALS.reduce((sum, signal) => sum + (collected?.[signal]?.length ?? 0), 0)

/** Takes from the sink until each way has as many items as were sent, or for as long as we wait. */
async function collect(sink: Sink): Promise<Map<string, Collected>> {
  const all = new Map<string, Collected>()
  const end = performance.now() + ARRIVAL_MS
  for (;;) {
    for (const [way, more] of Object.entries(await sink.take())) {
      const known = all.get(way) ?? {}
      const join = (signal: string) => [...(known[signal] ?? []), ...(more[signal] ?? [])]
      all.set(way, Object.fromEntries(SIGNALS.map((signal) => [signal, join(signal)])))
    }
    const sent = countOf(all.get('direct'))
    if (WAYS.every((way) => countOf(all.get(way)) >= sent) || performance.now() > end) return all
    await sleep(20)
  }
}

describe('what an SDK sends through weir arrives as what it sends to the sink itself', () => {
  let sink: Sink
  let agent: Agent
  let ports: Ports
  before(async () => {
    sink = await startSink()
    ports = { http: await freePort(), https: await freePort(), metrics: await freePort() }
    agent = await startWeir(config(ports, sink))
  })
  after(async () => {
    await agent.stop()
    await sink.stop()
  })

  for (const row of rows) {
    const { language, protocol, compression, tls } = row
    test(`${language} over ${protocol}, ${compression}${tls ? ', TLS' : ''}`, async () => {
      const endpoint = endpointOf(row, ports)
      await runSender(row, {
        endpoint,
        direct: `http://127.0.0.1:${sink.http}/direct`,
        ca: pem.ca,
      })
      const collected = await collect(sink)
      const direct = collected.get('direct')
      assert.deepEqual(
        SIGNALS.map((signal) => direct?.[signal]?.length),
        [2, 5, 1],
        'spans, metrics and log records that the SDK made',
      )
      for (const way of WAYS) {
        for (const signal of SIGNALS) {
          const arrived = sorted(collected.get(way), signal)
          const sent = sorted(direct, signal)
          assert.deepEqual(
            arrived.map((text) => JSON.parse(text)),
            sent.map((text) => JSON.parse(text)),
            `${signal} by ${way}`,
          )
        }
      }
    })
  }
})
