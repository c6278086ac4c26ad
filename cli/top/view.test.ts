import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { plainPage, screenPage } from './page.ts'
import type { Group, Rate } from './rates.ts'
import { afterKey, groupIn, nameOf, rowsOf, type Sort, type View } from './view.ts'

const group = (some: Partial<Group>): Group => ({
  service: 'cart',
  kind: 'server',
  route: '',
  peer: '',
  ...some,
})
const rate = (service: string, perSecond: number, errorsPerSecond: number, p99: number): Rate => ({
  group: group({ service }),
  perSecond,
  errorsPerSecond,
  p50: p99 / 2,
  p99,
})
const rates = [rate('a', 5, 1, 9), rate('b', 9, 0, 1), rate('c', 5, 2, 20)]
const start: View = { by: 'service', sort: 'rate', within: [], marked: 0 }
const names = (some: readonly Rate[]) => some.map((one) => one.group.service).join('')

describe('top view', () => {
  const orders: [Sort, string][] = [
    ['rate', 'bac'],
    ['errors', 'cab'],
    ['p50', 'cab'],
    ['p99', 'cab'],
    ['name', 'abc'],
  ]
  for (const [sort, want] of orders) {
    test(`orders by ${sort}`, () => assert.equal(names(rowsOf(rates, { ...start, sort })), want))
  }

  type Walk = [keys: readonly string[], want: Partial<View> | undefined]
  const walks: Walk[] = [
    [['down', 'down', 'down', 'up'], { marked: 1 }],
    [['up'], { marked: 0 }],
    [['s'], { sort: 'errors' }],
    [['b', 'b'], { by: 'peer' }],
    [['b', 'b', 'b'], { by: 'service' }],
    [['j', 'return'], { by: 'route', within: [group({ service: 'b' })], marked: 0 }],
    [['return', 'escape'], { by: 'service', within: [] }],
    [['escape', 'f5'], start],
    [['q'], undefined],
    [['ctrl+c'], undefined],
  ]
  for (const [keys, want] of walks) {
    test(`keys ${keys.join(', ')}`, () => {
      let view: View | undefined = start
      for (const key of keys) view = view && afterKey(view, key, rates)
      assert.deepEqual(view, want && { ...start, ...want })
    })
  }

  test('goes from a service to a route to its peers, and no further', () => {
    const route = { ...rate('cart', 1, 0, 1), group: group({ route: 'GET /' }) }
    const peer = { ...route, group: group({ route: 'GET /', peer: 'db' }) }
    const steps = [[rate('cart', 1, 0, 1)], [route], [peer]]
    let view: View = start
    const seen: string[] = []
    for (const rows of steps) {
      view = afterKey(view, 'return', rows) ?? view
      seen.push(view.by)
    }
    assert.deepEqual(seen, ['route', 'peer', 'peer'])
    assert.equal(view.within.length, 2)
    assert.deepEqual(groupIn(peer.group, view), peer.group)
    assert.equal(groupIn(group({ route: 'PUT /' }), view), undefined)
    assert.equal(groupIn(group({ service: 'auth' }), view), undefined)
  })

  test('peers of all routes are told together', () => {
    const one = group({ route: 'GET /', peer: 'db' })
    assert.equal(nameOf(groupIn(one, { ...start, by: 'peer' }) ?? one), 'cart server db')
  })
})

describe('top page', () => {
  test('fits the terminal, and shows the marked line', () => {
    const many = Array.from({ length: 50 }, (_, i) => rate(`service-${i}`, 1, 0, 1))
    const lines = screenPage(many, { ...start, marked: 30 }, 'x'.repeat(99), {
      columns: 60,
      rows: 10,
    })
    const shown = lines.map((line) => line.replaceAll(/\p{Cc}\[7?m/gu, ''))
    assert.equal(lines.length, 10)
    assert.ok(shown.every((line) => line.length <= 60))
    assert.match(shown[8] ?? '', /^service-30 server +1\.0 +0\.0 +0\.50 +1\.00$/)
    assert.ok(lines[8]?.startsWith('\x1b[7m'))
  })

  test('says that a terminal is too small', () => {
    const lines = screenPage(rates, start, '', { columns: 30, rows: 4 })
    assert.deepEqual(lines, ['Too small: 30x4, needed are 48'])
  })

  test('never sends control sequences of strangers to a terminal', () => {
    const evil = [rate('\x1b[2J\nx', 1, 0, 1)]
    const text =
      plainPage(evil, start) + screenPage(evil, start, '', { columns: 80, rows: 9 }).join('')
    assert.ok(!text.includes('\x1b[2J'))
    assert.ok(text.includes('\\x1b[2J\\x0ax'))
  })
})
