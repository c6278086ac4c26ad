import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { full } from '../size.ts'
import { makeCertificates } from '../support/certificates.ts'
import { freePort } from '../support/ports.ts'
import { LANGUAGES } from '../support/sdks.ts'
import { type Agent, startWeir } from '../truth/agent.ts'
import { type Protocol, type Row, runSender } from './senders.ts'
import { type Collected, type Sink, startSink } from './sink.ts'

const ARRIVAL_MS = 10_000
const SIGNALS = ['traces', 'metrics', 'logs'] as const
/** The ways from weir to the sink: every row takes all of them. */
const WAYS = ['proto', 'json', 'grpc'] as const

const PROTOCOLS: readonly Protocol[] = ['grpc', 'http/protobuf', 'http/json']

const everyRow: readonly Row[] = LANGUAGES.flatMap((language) =>
  PROTOCOLS.filter((protocol) => language === 'js' || protocol !== 'http/json').flatMap(
    (protocol) =>
      ([undefined, 'gzip'] as const).flatMap((compression) =>
        [false, true].map((tls) => ({ language, protocol, compression, tls })),
      ),
  ),
)

/** Plain without compression and the whole with it: the two ends. */
const rows = everyRow.filter((row) => full || row.tls === (row.compression === 'gzip'))

const pem = makeCertificates()

interface Ports {
  readonly http: number
  readonly grpc: number
}

/** Of the plain receiver, and of the one with TLS. */
type Listening = Readonly<Record<'plain' | 'tls', Ports>>

const address = (port: number) => `127.0.0.1:${port}`

function config({ plain, tls }: Listening, sink: Sink): string {
  const certificate = { cert_file: pem.serverCert, key_file: pem.serverKey }
  const protocols = (ports: Ports, more: object) => ({
    http: { endpoint: address(ports.http), ...more },
    grpc: { endpoint: address(ports.grpc), ...more },
  })
  const exporters = {
    'otlp_http/proto': { endpoint: `http://${address(sink.http)}/proto` },
    'otlp_http/json': { endpoint: `http://${address(sink.http)}/json`, encoding: 'json' },
    otlp_grpc: { endpoint: address(sink.grpc), tls: { insecure: true } },
  }
  const pipeline = {
    receivers: ['otlp', 'otlp/tls'],
    processors: ['batch'],
    exporters: Object.keys(exporters),
  }
  return JSON.stringify({
    receivers: {
      otlp: { protocols: protocols(plain, {}) },
      'otlp/tls': { protocols: protocols(tls, { tls: certificate }) },
    },
    processors: { batch: { timeout: '10ms' } },
    exporters,
    service: {
      telemetry: { metrics: { level: 'none' } },
      pipelines: Object.fromEntries(SIGNALS.map((signal) => [signal, pipeline])),
    },
  })
}

function endpointOf({ tls, protocol }: Row, listening: Listening): string {
  const ports = tls ? listening.tls : listening.plain
  const port = protocol === 'grpc' ? ports.grpc : ports.http
  // Not every client takes an address for the name of a certificate.
  return tls ? `https://localhost:${port}` : `http://${address(port)}`
}

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
  let listening: Listening
  before(async () => {
    sink = await startSink()
    const ports = async () => ({ http: await freePort(), grpc: await freePort() })
    listening = { plain: await ports(), tls: await ports() }
    agent = await startWeir(config(listening, sink))
  })
  after(async () => {
    await agent.stop()
    await sink.stop()
  })

  for (const row of rows) {
    const { language, protocol, compression, tls } = row
    test(
      [`${language} over ${protocol}`, compression, tls && 'TLS'].filter(Boolean).join(', '),
      async () => {
        const endpoint = endpointOf(row, listening)
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
      },
    )
  }
})
