import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Instance, LifecycleStatus } from '../component.ts'
import {
  type AggregateStatus,
  aggregate,
  type ErrorPriority,
  type StatusKind,
} from './aggregate.ts'
import { StatusBoard } from './board.ts'

const NONE: ReadonlyMap<string, AggregateStatus> = new Map()

type Case = [parts: StatusKind[], want: StatusKind, priority?: ErrorPriority]
const cases: Case[] = [
  [[], 'starting'],
  [['ok', 'ok'], 'ok'],
  [['stopped', 'stopped'], 'stopped'],
  [['ok', 'starting'], 'starting'],
  [['ok', 'stopped'], 'stopping'],
  [['recoverable_error', 'stopping'], 'stopping'],
  [['starting', 'fatal_error'], 'fatal_error'],
  [['ok', 'recoverable_error'], 'recoverable_error'],
  [['permanent_error', 'recoverable_error'], 'permanent_error'],
  [['permanent_error', 'recoverable_error', 'ok'], 'recoverable_error', 'recoverable'],
]

describe('aggregate', () => {
  for (const [parts, want, priority = 'permanent'] of cases) {
    test(`${parts.join(', ') || 'nothing'}: ${want}`, () => {
      const named = new Map(
        parts.map((kind, at) => [String(at), { kind, at, parts: NONE }] as const),
      )
      assert.equal(aggregate(named, priority).kind, want)
    })
  }

  test('an error has the time and text of the first, ok that of the last', () => {
    const error = (text: string, at: number): AggregateStatus => ({
      kind: 'recoverable_error',
      error: text,
      at,
      parts: NONE,
    })
    const errors = new Map([
      ['a', error('late', 9)],
      ['b', error('early', 4)],
    ])
    const { at, error: text } = aggregate(errors, 'permanent')
    assert.deepEqual([at, text], [4, 'early'])
    const fine = new Map(
      [1, 5, 3].map((time) => [`${time}`, { kind: 'ok', at: time, parts: NONE } as const]),
    )
    assert.equal(aggregate(fine, 'permanent').at, 5)
  })
})

const exporter: Instance = { kind: 'exporter', id: 'otlp_http', signal: 'traces' }
const members = { receivers: ['otlp'], processors: ['batch'], exporters: ['otlp_http'] }

/** Two pipelines that share a receiver and an exporter; each of another signal. */
function board() {
  let now = 0
  const board = new StatusBoard(() => now)
  board.setConfig({
    pipelines: new Map([
      ['traces', members],
      ['metrics/b', members],
    ]),
    service: { extensions: [] },
  })
  for (const [signal, pipeline] of [
    ['traces', 'traces'],
    ['metrics', 'metrics/b'],
  ] as const) {
    board.set({ kind: 'receiver', id: 'otlp', signal }, { kind: 'ok' })
    board.set({ kind: 'processor', id: 'batch', signal, pipeline }, { kind: 'ok' })
    board.set({ ...exporter, signal }, { kind: 'ok' })
  }
  const at = (time: number, instance: Instance, status: LifecycleStatus) => {
    now = time
    board.set(instance, status)
  }
  return { board, at }
}

const down: LifecycleStatus = { kind: 'recoverable_error', error: new Error('down') }

describe('the board', () => {
  test('an error shows in its pipeline and in the whole, not in the other pipeline', () => {
    const { board: one, at } = board()
    at(7, exporter, down)
    assert.equal(one.pipeline('traces', 'permanent')?.kind, 'recoverable_error')
    assert.equal(one.pipeline('metrics/b', 'permanent')?.kind, 'ok')
    assert.equal(one.pipeline('logs', 'permanent'), undefined)
    const whole = one.whole('permanent')
    assert.deepEqual([whole.kind, whole.error, whole.at], ['recoverable_error', 'down', 7])
    assert.deepEqual([...whole.parts.keys()], ['pipeline:metrics/b', 'pipeline:traces'])
    const parts = [...(whole.parts.get('pipeline:traces')?.parts.keys() ?? [])]
    assert.deepEqual(parts, ['exporter:otlp_http', 'processor:batch', 'receiver:otlp'])
  })

  test('an error that goes on keeps the time when it began, until it is over', () => {
    const { board: one, at } = board()
    at(7, exporter, down)
    at(9, exporter, down)
    assert.equal(one.whole('permanent').at, 7)
    at(10, exporter, { kind: 'ok' })
    assert.equal(one.whole('permanent').kind, 'ok')
  })

  test('what a reload took out of a pipeline does not count any more', () => {
    const { board: one, at } = board()
    const batch: Instance = { kind: 'processor', id: 'batch', signal: 'traces', pipeline: 'traces' }
    at(7, batch, { kind: 'stopped' })
    one.setConfig({
      pipelines: new Map([['traces', { ...members, processors: [] }]]),
      service: { extensions: [] },
    })
    assert.equal(one.whole('permanent').kind, 'ok')
  })
})
