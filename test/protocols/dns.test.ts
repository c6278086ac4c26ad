import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { metricsCodec, tracesCodec } from '../../pipeline/codec/signal_codec.ts'
import { type Attributes, attribute } from '../../pipeline/data/attributes.ts'
import { type Span, SpanKind } from '../../pipeline/data/traces.ts'
import { valueText } from '../../pipeline/data/value_text.ts'
import { readTaken, startBackend } from '../support/otlp_backend.ts'
import { type Agent, startWeir } from '../truth/agent.ts'
import { type DnsClients, dnsClients } from './dns_clients.ts'
import { type DnsServer, type Logged, startDnsServer } from './dns_server.ts'
import { countOf } from './watch.ts'

type Backend = Awaited<ReturnType<typeof startBackend>>

/** With the second that weir adds, longer than a resolver here waits before it asks again. */
const TIMEOUT_MS = 2500
/** For an agent that gets no CPU; what is awaited ends a wait at once. */
const PATIENCE_MS = 30_000

const config = (backend: Backend, dns: object) =>
  JSON.stringify({
    receivers: {
      ebpf: {
        dns,
        metrics: { interval: '200ms', dimensions: ['server.address'] },
        // This process, and by it all that it starts.
        discovery: { instrument: [{ target_pids: [process.pid] }] },
      },
    },
    exporters: { otlp_http: { endpoint: backend.endpoint, compression: 'none' } },
    service: {
      pipelines: {
        traces: { receivers: ['ebpf'], exporters: ['otlp_http'] },
        metrics: { receivers: ['ebpf'], exporters: ['otlp_http'] },
      },
      telemetry: { metrics: { level: 'none' } },
    },
  })

function textOf(attributes: Attributes, key: string): string {
  const value = attribute(attributes, key)
  return value === undefined ? '' : valueText(value)
}

async function until(isSo: () => boolean): Promise<void> {
  const end = Date.now() + PATIENCE_MS
  while (!isSo() && Date.now() < end) await sleep(50)
}

describe('DNS: what unbound wrote down are lookups', () => {
  let backend: Backend
  let server: DnsServer
  let clients: DnsClients
  let agent: Agent

  /** Of this server, by who has asked or answered. */
  const spans = (kind: number): Span[] =>
    backend.taken
      .filter(({ path }) => path === '/v1/traces')
      .flatMap((one) => readTaken(tracesCodec, one))
      .flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans))
      .filter((span) => span.kind === kind && of(span, 'server.address') === server.address)
  const of = ({ attributes }: Span, key: string) => textOf(attributes, key)

  /** Name, type and what came of it. */
  const told = (span: Span) =>
    `${of(span, 'dns.question.name')} ${span.name.slice('DNS '.length)} ${of(span, 'error.type') || 'NOERROR'}`
  const asked = (span: Span) => told(span).split(' ').slice(0, 2).join(' ')
  const replies = (log: readonly Logged[]) =>
    log
      .filter(({ kind }) => kind === 'reply')
      .map(({ name, type, rcode }) => `${name} ${type} ${rcode}`)
  const queries = (log: readonly Logged[]) =>
    log.filter(({ kind }) => kind === 'query').map(({ name, type }) => `${name} ${type}`)
  /** A lookup for each query that it took. */
  const queriesOf = (span: Span, line = asked) =>
    Array.from({ length: Number(of(span, 'weir.dns.queries')) || 1 }, () => line(span))
  const isBig = (line: string) => line.includes('.big.test ')
  const isSilent = (line: string) => line.includes('.silent.test ')

  /** The last value of each series of lookups: `name, error: count`. */
  const measured = (): string[] => {
    const latest = new Map<string, string>()
    const metrics = backend.taken
      .filter(({ path }) => path === '/v1/metrics')
      .flatMap((one) => readTaken(metricsCodec, one))
      .flatMap(({ resource, scopeMetrics }) =>
        scopeMetrics.flatMap((scope) => scope.metrics.map((metric) => ({ resource, metric }))),
      )
    for (const { resource, metric } of metrics) {
      if (metric.name !== 'dns.lookup.duration' || metric.data.kind !== 'histogram') continue
      for (const { attributes, count } of metric.data.points) {
        if (textOf(attributes, 'server.address') !== server.address) continue
        const line = `${textOf(attributes, 'dns.question.name')} ${textOf(attributes, 'error.type') || 'NOERROR'}`
        latest.set(
          `${textOf(resource.attributes, 'service.instance.id')} ${line}`,
          `${line} ${count}`,
        )
      }
    }
    return [...latest.values()].flatMap((line) => {
      const [name = '', error = '', count] = line.split(' ')
      return Array.from({ length: Number(count) }, () => `${name} ${error}`)
    })
  }
  const measurable = (span: Span) => {
    const [name = '', , error = ''] = told(span).split(' ')
    return `${name} ${error}`
  }

  const startAgent = async (dns: object) => {
    backend = await startBackend()
    agent = await startWeir(config(backend, dns))
  }
  const stopAgent = async () => {
    assert.equal(await agent.stop(), 0)
    backend.close()
  }

  before(async () => {
    server = await startDnsServer()
    clients = dnsClients(server.address)
  })
  after(async () => {
    clients.remove()
    await server.stop()
  })

  describe('with spans', () => {
    before(async () => {
      await startAgent({ spans: true, timeout: `${TIMEOUT_MS}ms` })
      await Promise.all([
        clients.glibc('glibc.weir.test'),
        clients.glibc('glibc.nx.test'),
        clients.glibc('glibc.big.test', true),
        clients.glibc('glibc.silent.test', true),
        clients.musl('musl.weir.test'),
        clients.musl('musl.nx.test'),
        clients.musl('musl.silent.test', true),
        clients.go('go.weir.test'),
        clients.go('go.nx.test', true),
        clients.go('go.big.test', true),
        clients.go('go.fail.test', true),
        clients.go('go.silent.test', true),
        clients.cares(1, 'cares.weir.test:A', 'cares.weir.test:AAAA', '_http._tcp.srv.test:SRV'),
        clients.cares(1, 'cares.nx.test:TXT', 'cares.big.test:A', 'cares.fail.test:A'),
        clients.cares(2, 'cares.silent.test:A'),
      ])
      const log = server.log()
      const wanted = queries(log).length
      await until(
        () =>
          spans(SpanKind.client).flatMap((span) => queriesOf(span)).length >= wanted &&
          spans(SpanKind.server).flatMap((span) => queriesOf(span)).length >= wanted &&
          measured().length >= spans(SpanKind.client).length,
      )
    })
    after(stopAgent)

    test('each query of a client is one of a lookup', () => {
      const log = server.log()
      assert.ok(log.length > 40, `${log.length} lines`)
      assert.deepEqual(
        countOf(spans(SpanKind.client).flatMap((span) => queriesOf(span))),
        countOf(queries(log)),
      )
    })

    test('each reply is the answer of a lookup', () => {
      // A resolver that did not wait long enough for an answer has asked again, and the server answers both.
      const lookups = spans(SpanKind.client).flatMap((span) => queriesOf(span, told))
      const wanted = replies(server.log()).filter((line) => !isBig(line))
      assert.deepEqual(
        countOf(lookups.filter((line) => !isBig(line) && !isSilent(line))),
        countOf(wanted),
      )
    })

    test('a server answers each query by itself, or not at all', () => {
      const answered = spans(SpanKind.server)
        .flatMap((span) => queriesOf(span, told))
        .filter((line) => !isSilent(line))
      assert.deepEqual(countOf(answered), countOf(replies(server.log())))
    })

    test('what is too long for a datagram is one lookup, which ends over TCP', () => {
      const big = spans(SpanKind.client).filter((span) => isBig(told(span)))
      assert.ok(big.every((span) => queriesOf(span).length >= 2))
      // The C library looks up what does not fit its buffer once more.
      const lines = big.map((span) => `${told(span)} ${of(span, 'network.transport')}`)
      assert.deepEqual(
        [...new Set(lines)].sort(),
        ['cares', 'glibc', 'go'].map((who) => `${who}.big.test A NOERROR tcp`),
      )
    })

    test('no answer: asked again by the same id is one lookup, by another is another', () => {
      const silent = spans(SpanKind.client).map(told).filter(isSilent)
      const byGo = queries(server.log()).filter((line) => line.startsWith('go.silent.test '))
      assert.deepEqual(countOf(silent), [
        ['cares.silent.test A timeout', 1],
        ['glibc.silent.test A timeout', 1],
        ['go.silent.test A timeout', byGo.length],
        ['musl.silent.test A timeout', 1],
      ])
    })

    test('addresses, and that a failure is one', () => {
      const [found] = spans(SpanKind.client).filter(
        (span) => told(span) === 'go.weir.test A NOERROR',
      )
      assert.ok(found)
      assert.equal(of(found, 'dns.answers'), '["10.1.2.3"]')
      const failed = spans(SpanKind.client).filter(({ status }) => status.code === 2)
      const errors = spans(SpanKind.client).filter((span) => of(span, 'error.type') !== '')
      assert.deepEqual(failed.map(told), errors.map(told))
    })

    test('dns.lookup.duration counts what is a span', () => {
      assert.deepEqual(countOf(measured()), countOf(spans(SpanKind.client).map(measurable)))
    })
  })

  test('by default: measured, and no span', async () => {
    await startAgent({})
    try {
      await Promise.all([clients.glibc('default.weir.test'), clients.go('default.big.test', true)])
      await until(() => measured().length >= 3)
    } finally {
      await stopAgent()
    }
    assert.deepEqual(countOf(measured()), [
      ['default.big.test NOERROR', 1],
      ['default.weir.test NOERROR', 2],
    ])
    assert.deepEqual([spans(SpanKind.client), spans(SpanKind.server)], [[], []])
  })
})
