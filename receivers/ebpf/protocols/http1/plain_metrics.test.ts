import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { wallTime } from '../../../../pipeline/data/time.ts'
import { knownBy } from '../../discovery/testing.ts'
import { metricsFields, metricsRulesOf } from '../../metrics/fields.ts'
import { Recorder } from '../../metrics/recorder.ts'
import type { Connection } from '../../protocol.ts'
import { samplerByName } from '../../trace_context/sampling.ts'
import { play, SERVER } from './testing/in_place.ts'

const CLIENT: Connection = { ...SERVER, role: 'client', localPort: 40_001, peerPort: 9090 }
const CONNECTIONS: readonly Connection[] = [SERVER, CLIENT, { ...SERVER, tls: true }]
const RESOURCE = { attributes: [], droppedAttributesCount: 0 }
const SCOPE = { name: '', version: '', ...RESOURCE }

const newRecorder = (settings: object = {}) =>
  new Recorder({
    rules: metricsRulesOf(metricsFields.parse(settings)),
    scope: SCOPE,
    now: () => 0,
    resourceOf: () => RESOURCE,
    onResourceDropped: () => undefined,
    onAwaitingFull: () => undefined,
    onNotMeasured: () => undefined,
  })

const head = (first: string, ...lines: string[]) => `${[first, ...lines].join('\r\n')}\r\n\r\n`
const OK = `${head('HTTP/1.1 200 OK', 'Content-Length: 2')}hi`
const BUSY = head('HTTP/1.1 503 Busy', 'Content-Length: 0')
const EXCHANGES: readonly (readonly [string, string])[] = [
  [head('GET /users/4711?x=1 HTTP/1.1', 'Host: shop:81'), OK],
  [`${head('POST /order HTTP/1.1', 'Host: shop:81', 'Content-Length: 3')}abc`, OK],
  [head('GET /users/4712 HTTP/1.1', 'Host: other'), BUSY],
  [head('HEAD / HTTP/1.1', 'Host: shop:81'), head('HTTP/1.1 200 OK', 'Content-Length: 99')],
  [head('GET /users/4712 HTTP/1.0'), head('HTTP/1.0 404 No', 'Content-Length: 0')],
]

/** All that was recorded, without the time of taking it. */
function taken(recorder: Recorder): unknown {
  recorder.settle(() => knownBy(true))
  const metrics = recorder.take().flatMap(({ scopeMetrics }) => scopeMetrics)
  const [seconds] = wallTime()
  return JSON.parse(
    JSON.stringify(metrics, (key, value) =>
      key === 'time' || key === 'start' ? Math.abs(value[0] - seconds) < 60 : value,
    ),
  )
}

describe('exchanges that are read in place are measured as their spans would be', () => {
  for (const [i, connection] of CONNECTIONS.entries()) {
    test(`${connection.role} ${i}`, () => {
      const [want, got] = [newRecorder(), newRecorder()]
      play(EXCHANGES, connection, false, { recorder: want })
      const { plain, spans } = play(EXCHANGES, connection, true, { recorder: got })
      assert.deepEqual([plain, spans.length], [EXCHANGES.length, EXCHANGES.length])
      const metrics = taken(got)
      assert.deepEqual(metrics, taken(want))
      assert.match(JSON.stringify(metrics), new RegExp(`http.${connection.role}.request.body.size`))
    })
  }

  test('with the address of the client as a label', () => {
    const settings = { dimensions: ['client.address', 'server.port'] }
    const [want, got] = [newRecorder(settings), newRecorder(settings)]
    play(EXCHANGES, SERVER, false, { recorder: want })
    assert.equal(play(EXCHANGES, SERVER, true, { recorder: got }).plain, EXCHANGES.length)
    assert.deepEqual(taken(got), taken(want))
  })

  test('a label that takes more than the heads: not in place', () => {
    const recorder = newRecorder({ dimensions: ['url.path'] })
    const { plain, spans } = play(EXCHANGES, SERVER, true, { recorder })
    assert.deepEqual([plain, spans.length], [0, EXCHANGES.length])
    assert.match(JSON.stringify(taken(recorder)), /"url.path"/)
  })

  test('an exemplar is the span', () => {
    const recorder = newRecorder({ exemplars: { enabled: true } })
    const [exchange = ['', '']] = EXCHANGES
    const { spans, plain } = play([exchange], SERVER, true, { recorder })
    recorder.settle(() => knownBy(true))
    const [duration] = recorder.take()[0]?.scopeMetrics[0]?.metrics ?? []
    const found = duration?.data.kind === 'histogram' ? duration.data.points[0]?.exemplars : []
    const [{ traceId, spanId, end } = { traceId: '', spanId: '', end: [] }] = spans
    assert.equal(plain, 1)
    assert.deepEqual(
      found?.map((one) => [one.traceId, one.spanId, one.time]),
      [[traceId, spanId, end]],
    )
  })

  test('what is not sampled is measured', () => {
    const recorder = newRecorder()
    const sample = samplerByName('always_off', '') ?? assert.fail()
    const { spans, counts } = play(EXCHANGES, SERVER, true, { recorder, sample })
    assert.deepEqual([spans.length, counts], [0, { unsampled: EXCHANGES.length }])
    assert.match(JSON.stringify(taken(recorder)), /"http.server.request.duration"/)
  })

  for (const [mode, wantSpans, wantMetrics, counts] of [
    ['all', 0, 0, { route_ignored: 1 }],
    ['traces', 0, 1, { route_ignored: 1 }],
    ['metrics', 1, 0, {}],
  ] as const) {
    test(`ignored paths, ignore_mode ${mode}`, () => {
      for (const inPlace of [true, false]) {
        const recorder = newRecorder()
        const ignored = [[head('GET /ignored HTTP/1.1', 'Host: a'), OK]] as const
        const played = play(ignored, SERVER, inPlace, { recorder, ignoreMode: mode })
        assert.deepEqual([played.spans.length, played.counts], [wantSpans, counts])
        recorder.settle(() => knownBy(true))
        assert.equal(recorder.take().length, wantMetrics)
      }
    })
  }
})
