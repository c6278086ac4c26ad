/** `npm run bench:exchanges [-- TEXT]`: CPU time of user space per exchange, from the ring's bytes to OTLP's. No kernel, no network. */
import { setEpoch } from '../bpf/events.gen.ts'
import { readClocks } from '../native/system.ts'
import { Clock } from '../receivers/ebpf/clock.ts'
import { Connections } from '../receivers/ebpf/connections.ts'
import { ProcessBooks } from '../receivers/ebpf/costs/process_books.ts'
import { Counters } from '../receivers/ebpf/counters.ts'
import { Descriptions } from '../receivers/ebpf/discovery/description.ts'
import { DEFAULT_SETTINGS, type KnownProcess } from '../receivers/ebpf/discovery/process.ts'
import { metricsFields, metricsRulesOf } from '../receivers/ebpf/metrics/fields.ts'
import { Recorder } from '../receivers/ebpf/metrics/recorder.ts'
import { OwnSockets } from '../receivers/ebpf/own_sockets.ts'
import { PendingSpans } from '../receivers/ebpf/pending_spans.ts'
import type { OpenStream } from '../receivers/ebpf/protocol.ts'
import { HTTP1_DEFAULTS, http1 } from '../receivers/ebpf/protocols/http1/protocol.ts'
import { http2 } from '../receivers/ebpf/protocols/http2/protocol.ts'
import { AllRoutes, type RouteRules } from '../receivers/ebpf/routes/routes.ts'
import { Services } from '../receivers/ebpf/services.ts'
import { Verdicts } from '../receivers/ebpf/verdicts.ts'
import {
  BROWSER,
  DRAIN_EXCHANGES,
  type Drains,
  Http1Drains,
  Http2Drains,
  WRK,
} from './exchange_drains.ts'
import { median } from './measure.ts'

const DRAINS = 200
const ROUNDS = 7

/** As by default. */
const ROUTES: RouteRules = {
  patterns: [],
  ignored: [],
  ignoreMode: 'all',
  unmatched: 'learned',
  wildcard: '*',
  maxNames: 100,
}

const NGINX: KnownProcess = {
  process: {
    tgid: 1000,
    parent: 1,
    startedNs: 0,
    cpuBeforeNs: 0,
    comm: 'nginx',
    exePath: '',
    args: ['nginx'],
    env: new Map(),
    cgroup: { path: '', containerId: '', podUid: '', unit: '' },
  },
  decision: { selected: true, rule: '', chosenBy: '', settings: DEFAULT_SETTINGS },
  forked: false,
  pod: undefined,
  maker: undefined,
}

const RESOURCE = { attributes: [], droppedAttributesCount: 0 }
const SCOPE = { name: 'weir', version: '', ...RESOURCE }

const newRecorder = () =>
  new Recorder({
    rules: metricsRulesOf(metricsFields.parse({})),
    scope: SCOPE,
    now: () => performance.now(),
    resourceOf: () => RESOURCE,
    onResourceDropped: () => undefined,
    onAwaitingFull: () => undefined,
    onNotMeasured: () => undefined,
  })

function measure(
  drains: Drains,
  openStream: OpenStream,
  recorder: Recorder | undefined,
): { readonly us: number; readonly bytes: number } {
  setEpoch(0n)
  const counters = new Counters()
  const spans = new PendingSpans(SCOPE, () => RESOURCE)
  const connections = new Connections({
    max: 65_536,
    openStream,
    clock: new Clock(readClocks),
    counters,
    books: new ProcessBooks(),
    spans,
    ownSockets: new OwnSockets(),
    processes: { find: () => NGINX, movedOtlpTraces: () => undefined },
    libraries: { meet: () => undefined, of: () => '' },
    services: new Services(new Descriptions(), new AllRoutes(ROUTES)),
    verdicts: new Verdicts(new ArrayBuffer(1024)),
    wanted: { traced: true, recorder },
  })
  let count = 0
  let bytes = 0
  const before = process.cpuUsage()
  for (let i = 0; i < DRAINS; i++) {
    drains.play(connections)
    recorder?.settle(() => NGINX)
    const batch = spans.take(() => NGINX, { dropped: () => undefined })
    count += batch?.count ?? 0
    bytes += batch?.toProtobuf().length ?? 0
  }
  const { user, system } = process.cpuUsage(before)
  const lost = DRAINS * DRAIN_EXCHANGES - count
  if (lost !== 0) throw new Error(`${lost} exchanges gave no span: ${counters.list().join(' ')}`)
  return { us: (user + system) / count, bytes: bytes / count }
}

const http1Load = (head: string, varied: boolean) => () => ({
  drains: new Http1Drains(head, varied),
  openStream: http1(HTTP1_DEFAULTS),
})
const http2Load = (varied: boolean) => () => ({
  drains: new Http2Drains(varied),
  openStream: http2(HTTP1_DEFAULTS),
})

const LOADS = [
  ['short request, always the same', http1Load(WRK, false), undefined],
  ['short request, each another', http1Load(WRK, true), undefined],
  ['short request, measured', http1Load(WRK, true), newRecorder()],
  ['with cookies and traceparent', http1Load(BROWSER, true), undefined],
  ['with traceparent, measured', http1Load(BROWSER, true), newRecorder()],
  ['HTTP/2, always the same', http2Load(false), undefined],
  ['HTTP/2, each another', http2Load(true), undefined],
  ['HTTP/2, measured', http2Load(true), newRecorder()],
] as const

/** Those whose names have this in them. */
const [wanted = ''] = process.argv.slice(2)
const chosen = LOADS.filter(([name]) => name.includes(wanted))
if (chosen.length === 0) {
  console.error(`no load has '${wanted}' in its name: ${LOADS.map(([name]) => name).join('; ')}`)
  process.exitCode = 1
}
for (const [name, load, recorder] of chosen) {
  const rounds = Array.from({ length: ROUNDS }, () => {
    const { drains, openStream } = load()
    return measure(drains, openStream, recorder)
  }).slice(1)
  const us = median(rounds.map((round) => round.us))
  console.log(
    `${name.padEnd(30)} ${us.toFixed(2)} us of CPU, ${rounds[0]?.bytes.toFixed(0)} bytes of OTLP per exchange`,
  )
}
