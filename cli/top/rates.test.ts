import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { SpanView } from '../span_view.ts'
import { type Group, Rates } from './rates.ts'

const span = (service: string, duration_ms: number, some: Partial<SpanView> = {}): SpanView => ({
  time: '',
  service,
  namespace: '',
  pid: 1,
  kind: 'server',
  name: 'GET /',
  method: 'GET',
  route: '',
  path: '',
  status: 200,
  error: false,
  duration_ms,
  trace_id: '',
  span_id: '',
  parent_span_id: '',
  attributes: { 'client.address': '10.0.0.1' },
  ...some,
})

const whole = ({ service, kind }: Group): Group => ({ service, kind, route: '', peer: '' })

describe('rates', () => {
  test('counts per second, and times to 1 %', () => {
    const rates = new Rates(0)
    for (let ms = 1; ms <= 100; ms++) rates.add(span('cart', ms, { error: ms > 90 }))
    const [cart, ...others] = rates.read(2000, whole)
    assert.deepEqual(others, [])
    assert.deepEqual([cart?.perSecond, cart?.errorsPerSecond], [50, 5])
    assert.ok(Math.abs((cart?.p50 ?? 0) / 50 - 1) < 0.011, `${cart?.p50}`)
    assert.ok(Math.abs((cart?.p99 ?? 0) / 99 - 1) < 0.011, `${cart?.p99}`)
  })

  test('a span that took no time has none', () => {
    const rates = new Rates(0)
    rates.add(span('cart', 0))
    assert.equal(rates.read(1000, whole)[0]?.p99, 0)
  })

  test('forgets what is older than five turns', () => {
    const rates = new Rates(0)
    rates.add(span('cart', 1))
    const seen = [1, 2, 3, 4, 5].map((turn) => {
      rates.turn(turn * 2000)
      return rates.read(turn * 2000 + 2000, whole).length
    })
    assert.deepEqual(seen, [1, 1, 1, 1, 0])
  })

  test('tells apart services, kinds, routes and peers', () => {
    const rates = new Rates(0)
    const called = { kind: 'client', attributes: { 'server.address': 'db' } }
    for (const one of [span('a', 1), span('a', 1, { name: 'PUT /' }), span('a', 1, called)]) {
      rates.add(one)
    }
    const groups = rates.read(1000, (group) => group).map(({ group }) => group)
    assert.deepEqual(groups, [
      { service: 'a', kind: 'server', route: 'GET /', peer: '10.0.0.1' },
      { service: 'a', kind: 'server', route: 'PUT /', peer: '10.0.0.1' },
      { service: 'a', kind: 'client', route: 'GET /', peer: 'db' },
    ])
  })

  test('of 10,000 peers the last are counted together', () => {
    const rates = new Rates(0)
    for (let i = 0; i < 10_000; i++) {
      rates.add(span('a', 1, { attributes: { 'client.address': `${i}` } }))
    }
    const groups = rates.read(1000, (group) => group)
    assert.equal(groups.length, 2001)
    assert.deepEqual([groups.at(-1)?.group.peer, groups.at(-1)?.perSecond], ['(other)', 8000])
  })
})
