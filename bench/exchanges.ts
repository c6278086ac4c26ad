/** `npm run bench:exchanges`: CPU time of user space per exchange, from the ring's bytes to OTLP's. No kernel, no network. */
import { exchange, setEpoch } from '../bpf/events.gen.ts'
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
import { HTTP1_DEFAULTS, http1 } from '../receivers/ebpf/protocols/http1/protocol.ts'
import { type Records, recordsIn } from '../receivers/ebpf/records.ts'
import { AllRoutes, type RouteRules } from '../receivers/ebpf/routes/routes.ts'
import { Services } from '../receivers/ebpf/services.ts'
import { exchangeRecord } from '../receivers/ebpf/testing.ts'
import { Verdicts } from '../receivers/ebpf/verdicts.ts'
import { median } from './measure.ts'

const CONNECTIONS = 64
const DRAIN_EXCHANGES = 640
const DRAINS = 200
const ROUNDS = 7
/** Of struct conn_head. */
const SEQUENCE = 84
const LETTERS = 26

const PARENT = 'traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n'
const WRK = 'GET /some/path?item=1 HTTP/1.1\r\nHost: 127.0.0.1:18080\r\n'
/** What differs from request to request, if anything does. */
const VARIED = WRK.indexOf('item')
const BROWSER = `${WRK}User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101\r\nAccept: text/html,*/*;q=0.8
Accept-Language: en-US\r\nAccept-Encoding: gzip, deflate, br\r\nCookie: session=0123456789abcdef0123456789abcdef\r\n${PARENT}`
const ANSWER =
  'HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Sat, 21 Nov 2026 08:00:00 GMT\r\nContent-Type: text/plain\r\nContent-Length: 600\r\nConnection: keep-alive\r\n\r\n'

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

/** One drain: an exchange record of each connection in turn, as the addon writes them. Positions go on from drain to drain. */
class Drains {
  readonly #from: Records
  readonly #recordBytes: number
  readonly #requestBytes: number
  readonly #responseBytes: number
  readonly #varied: boolean
  #sequence = 0

  constructor(head: string, varied: boolean) {
    this.#varied = varied
    const request = `${head}\r\n`
    this.#requestBytes = request.length
    this.#responseBytes = ANSWER.length + 600
    const records = Array.from({ length: DRAIN_EXCHANGES }, (_, i) =>
      exchangeRecord(
        { connId: (i % CONNECTIONS) + 1, tgid: 1000 },
        { data: request, firstNs: 1000, lastNs: 1000 },
        { data: ANSWER, bytes: this.#responseBytes, firstNs: 2000, lastNs: 3000 },
      ),
    )
    this.#recordBytes = records[0]?.length ?? 0
    this.#from = recordsIn(Buffer.concat(records))
  }

  play(connections: Connections): void {
    const { bytes, view } = this.#from
    for (let i = 0; i < DRAIN_EXCHANGES; i++) {
      const at = i * this.#recordBytes
      const turn = this.#sequence + Math.floor(i / CONNECTIONS)
      view.setUint32(at + SEQUENCE, turn, true)
      view.setUint32(at + exchange.request, turn * this.#requestBytes, true)
      view.setUint32(at + exchange.response, turn * this.#responseBytes, true)
      if (this.#varied) bytes[at + exchange.size + VARIED] = 0x61 + (turn % LETTERS)
      connections.record(this.#from, at, this.#recordBytes)
    }
    this.#sequence += DRAIN_EXCHANGES / CONNECTIONS
  }
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
  head: string,
  recorder: Recorder | undefined,
  varied: boolean,
): { readonly us: number; readonly bytes: number } {
  setEpoch(0n)
  const counters = new Counters()
  const spans = new PendingSpans(SCOPE, () => RESOURCE)
  const connections = new Connections({
    max: 65_536,
    openStream: http1(HTTP1_DEFAULTS),
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
  const drains = new Drains(head, varied)
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

for (const [name, head, recorder, varied] of [
  ['short request, always the same', WRK, undefined, false],
  ['short request, each another', WRK, undefined, true],
  ['the same, measured', WRK, newRecorder(), true],
  ['with cookies and traceparent', BROWSER, undefined, true],
  ['the same, measured', BROWSER, newRecorder(), true],
] as const) {
  const rounds = Array.from({ length: ROUNDS }, () => measure(head, recorder, varied)).slice(1)
  const us = median(rounds.map((round) => round.us))
  console.log(
    `${name.padEnd(30)} ${us.toFixed(2)} us of CPU, ${rounds[0]?.bytes.toFixed(0)} bytes of OTLP per exchange`,
  )
}
