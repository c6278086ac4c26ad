import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { AggregateStatus, StatusKind } from '../../pipeline/status/aggregate.ts'
import { goDuration, readyAnswer, statusAnswer } from './answer.ts'
import { type ComponentHealth, schema } from './config.ts'

const NONE: ReadonlyMap<string, AggregateStatus> = new Map()

type Case = [kind: StatusKind, health: Partial<ComponentHealth>, lastedMs: number, code: number]
const cases: Case[] = [
  ['starting', {}, 0, 503],
  ['ok', {}, 0, 200],
  ['recoverable_error', {}, 1e9, 200],
  ['recoverable_error', { include_recoverable_errors: true }, 59_999, 200],
  ['recoverable_error', { include_recoverable_errors: true }, 60_000, 500],
  ['recoverable_error', { include_permanent_errors: true }, 1e9, 200],
  ['permanent_error', {}, 0, 200],
  ['permanent_error', { include_permanent_errors: true }, 0, 500],
  ['fatal_error', {}, 0, 500],
  ['stopping', {}, 0, 503],
  ['stopped', {}, 0, 503],
]

describe('the answer of version 2', () => {
  const defaults = schema.parse({}).component_health
  for (const [kind, health, lastedMs, code] of cases) {
    test(`${kind} for ${lastedMs} ms with ${JSON.stringify(health)}: ${code}`, () => {
      const answer = statusAnswer(
        { kind, at: 0, parts: NONE },
        { health: { ...defaults, ...health }, verbose: false, started: 0, now: lastedMs },
      )
      assert.equal(answer.code, code)
    })
  }

  test('has parts only if it is verbose', () => {
    const part: AggregateStatus = { kind: 'recoverable_error', error: 'down', at: 1, parts: NONE }
    const status: AggregateStatus = { ...part, parts: new Map([['pipeline:traces', part]]) }
    const options = { health: defaults, started: 0, now: 2 }
    const own = {
      healthy: true,
      status: 'StatusRecoverableError',
      error: 'down',
      status_time: '1970-01-01T00:00:00.001Z',
    }
    const short = { start_time: '1970-01-01T00:00:00.000Z', ...own }
    assert.deepEqual(statusAnswer(status, { ...options, verbose: false }).body, short)
    assert.deepEqual(statusAnswer(status, { ...options, verbose: true }).body, {
      ...short,
      components: { 'pipeline:traces': own },
    })
  })
})

describe('the answer of version 1', () => {
  const texts = { healthy: 'fine', unhealthy: 'ill' }

  test('before and after weir runs', () => {
    const body = { status: 'Server not available', upSince: '0001-01-01T00:00:00Z', uptime: '' }
    assert.deepEqual(readyAnswer(undefined, 5, undefined), { code: 503, body })
    assert.deepEqual(readyAnswer(undefined, 5, texts), { code: 503, body: 'ill' })
  })

  test('while it runs', () => {
    const upSince = '1970-01-01T00:00:00.000Z'
    const body = { status: 'Server available', upSince, uptime: '1.5s' }
    assert.deepEqual(readyAnswer(0, 1500, undefined), { code: 200, body })
    assert.deepEqual(readyAnswer(0, 1500, texts), { code: 200, body: 'fine' })
  })
})

describe('goDuration', () => {
  const durations: [ms: number, text: string][] = [
    [0, '0ms'],
    [250, '250ms'],
    [3004, '3.004s'],
    [63_000, '1m3s'],
    [3_723_004, '1h2m3.004s'],
  ]
  for (const [ms, text] of durations) test(text, () => assert.equal(goDuration(ms), text))
})

describe('the settings', () => {
  const bad: [name: string, settings: object, message: RegExp][] = [
    ['version 2 without a protocol', { use_v2: true }, /at least one protocol/],
    ['a path without a slash', { path: 'health' }, /path must start with \//],
    ['an endpoint that is none', { endpoint: 'here' }, /expected host:port/],
    [
      'a threshold of nothing',
      { check_collector_pipeline: { exporter_failure_threshold: 0 } },
      /expects a positive number/,
    ],
  ]
  for (const [name, settings, message] of bad) {
    test(name, () => assert.throws(() => schema.parse(settings), message))
  }
})
