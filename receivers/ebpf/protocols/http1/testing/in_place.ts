import assert from 'node:assert/strict'
import { SpanWriter } from '../../../../../pipeline/data/span_writer.ts'
import type { Span } from '../../../../../pipeline/data/traces.ts'
import { Clock } from '../../../clock.ts'
import { DEFAULT_SETTINGS } from '../../../discovery/process.ts'
import type { Recorder } from '../../../metrics/recorder.ts'
import type { Connection, EncodedSpans, StreamHost } from '../../../protocol.ts'
import { AllRoutes, type RouteRules } from '../../../routes/routes.ts'
import { KernelModel } from '../../testing/kernel_model.ts'
import type { HttpOptions } from '../emit.ts'
import { HTTP1_DEFAULTS, http1 } from '../protocol.ts'

const MS = 1e6
const SCOPE = { name: '', version: '', attributes: [], droppedAttributesCount: 0 }
const RESOURCE = { attributes: [], droppedAttributesCount: 0 }
/** For tests: a connection whose server is watched. */
export const SERVER: Connection = {
  id: 7,
  role: 'server',
  tls: false,
  protocol: 1,
  adopted: false,
  localAddress: '10.0.0.1',
  localPort: 8080,
  peerAddress: '10.0.0.2',
  peerPort: 40_000,
}
/** Wall time far from a whole second, and from a multiple of 2^32 ns. */
export const clock = new Clock(() => ({
  bootNs: 5_123_456_789n,
  realNs: 1_795_238_400_987_654_321n,
  windowNs: 0,
}))

export interface PlayOptions extends Partial<HttpOptions> {
  readonly recorder?: Recorder
  readonly ignoreMode?: RouteRules['ignoreMode']
}

const ROUTES: RouteRules = {
  patterns: [],
  ignored: [{ route: '/ignored', parts: ['ignored'], open: false }],
  ignoreMode: 'all',
  unmatched: 'learned',
  wildcard: '*',
  maxNames: 100,
}

export interface Played {
  readonly spans: readonly Span[]
  readonly counts: Readonly<Record<string, number>>
  /** Spans that were written in place. */
  readonly plain: number
}

/** A host of streams, and what it was told; `inPlace`: spans may be written as bytes. */
export function listening(
  inPlace: boolean,
  { recorder, ignoreMode = 'all' }: Pick<PlayOptions, 'recorder' | 'ignoreMode'> = {},
): { readonly host: StreamHost; readonly played: () => Played } {
  const writer = new SpanWriter()
  const service = {
    settings: DEFAULT_SETTINGS,
    routes: new AllRoutes({ ...ROUTES, ignoreMode }).ofService('test'),
  }
  const counts: Record<string, number> = {}
  let plain = 0
  const encoded: EncodedSpans = {
    begin: () => writer.encoded,
    isTraced: () => true,
    end: (tgid) => {
      plain++
      writer.added(tgid)
    },
    writeTime: (to, tag, ns) => clock.writeTime(to, tag, ns),
  }
  const host: StreamHost = {
    emit: (span, tgid, only) => {
      if (only !== 'traces') recorder?.span(span, tgid, only === undefined)
      if (only !== 'metrics') writer.add(span, tgid)
    },
    recorder,
    count: (reason, n = 1) => {
      counts[reason] = (counts[reason] ?? 0) + n
    },
    verdict: () => undefined,
    become: () => undefined,
    unixTime: (ns) => clock.unixTime(ns),
    serviceOf: () => service,
    movedOtlpTraces: () => undefined,
    ...(inPlace ? { encoded } : {}),
  }
  const played = () => {
    const [data] = writer.take(SCOPE, () => RESOURCE).resources()
    return { spans: data?.scopeSpans[0]?.spans ?? [], counts, plain }
  }
  return { host, played }
}

/**
 * Exchanges of one connection, one after the other, each answered by one call or several; `inPlace`: spans may be written as bytes.
 * `onPlayed` is called after each.
 */
export function play(
  exchanges: readonly (readonly [request: string, ...response: string[]])[],
  connection: Connection,
  inPlace: boolean,
  options: PlayOptions = {},
  onPlayed = () => {},
): Played {
  const { host, played } = listening(inPlace, options)
  const stream = http1({ ...HTTP1_DEFAULTS, ...options })(connection, host)
  const kernel = new KernelModel(connection.role, stream, 'kernel')
  let ns = -3 * MS // a connection may be older than the agent
  for (const [request, ...response] of exchanges) {
    kernel.call('request', Buffer.from(request, 'latin1'), ns)
    for (const [i, call] of response.entries()) {
      const returnedNs = ns + (4_300 + i) * MS + 17
      kernel.call('response', Buffer.from(call, 'latin1'), returnedNs)
      kernel.drain(returnedNs)
    }
    ns += 9_000 * MS + 1
    onPlayed()
  }
  return played()
}

/** Ids that are drawn by lot, apart from their form. */
export function withoutChance(span: Span): Span {
  assert.match(span.traceId, /^(?!0+$)[0-9a-f]{32}$/)
  assert.match(span.spanId, /^(?!0+$)[0-9a-f]{16}$/)
  return { ...span, spanId: '', traceId: span.parentSpanId === '' ? '' : span.traceId }
}
