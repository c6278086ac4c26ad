import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ServiceCost } from '../../receivers/ebpf/costs/service_costs.ts'
import { ShownCosts } from './costs.ts'
import { plainPage, screenPage } from './page.ts'
import { rowsOf, type Sort, type View } from './view.ts'

const cost = (service: string, more: Partial<ServiceCost> = {}): ServiceCost => ({
  service,
  spans: 0,
  bytes: 0,
  bytesInSpans: 0,
  bytesUnread: 0,
  hits: 0,
  probesNs: 0,
  cpu: { allNs: 0, probesNs: 0 },
  reasons: {},
  ...more,
})
const told = (services: readonly ServiceCost[]) => ({ books: '', services })
const rate = (service: string) => ({
  group: { service, kind: 'server', route: '', peer: '' },
  perSecond: 1,
  errorsPerSecond: 0,
  p50: 0.5,
  p99: 1,
})
const view: View = { by: 'service', sort: 'name', within: [], marked: undefined }

describe('costs in top', () => {
  test('are those of the time between two answers', () => {
    const costs = new ShownCosts()
    const used = (service: string, allNs: number, probesNs: number) =>
      cost(service, { cpu: { allNs, probesNs } })
    const shown = (service: string) => {
      const { cpu, probes } = costs.shown.services.get(service) ?? {}
      return [cpu, probes]
    }
    costs.update(told([used('cart', 9e9, 5e9)]), 1000)
    assert.deepEqual(shown('cart'), [0, undefined])
    costs.update(told([used('cart', 9.5e9, 5.25e9), used('new', 2e9, 1e9)]), 2000)
    assert.deepEqual(shown('cart'), [0.5, 0.5])
    assert.deepEqual(shown('new'), [0, undefined])
    costs.update(told([used('cart', 2, 1)]), 3000)
    assert.deepEqual(shown('cart'), [0, undefined], 'another agent counts from 0')
  })

  test('stand beside a service, and nowhere else', () => {
    const costs = new ShownCosts()
    costs.update(told([cost('cart', { bytes: 1000, bytesInSpans: 970 })]), 1000)
    const page = plainPage([rate('cart'), rate('other')], view, costs.shown)
    assert.match(page, /^SERVICE .* P99 MS +COVER % +LOST\/S +CPU % +PROBES %$/m)
    assert.match(page, /^cart server .* 1\.00 +97\.0 +0\.0 +0\.0 +-$/m)
    assert.match(page, /^other server .* 1\.00 +- +- +- +-$/m)
    assert.doesNotMatch(plainPage([rate('cart')], { ...view, by: 'route' }, costs.shown), /COVER/)
  })

  test('lost is what should have been a span, and the books come first', () => {
    const costs = new ShownCosts()
    const lossOf = (refused: number) => ({
      books: `seen 9 / lost ${refused}`,
      services: [cost('cart', { reasons: { refused: refused, not_selected: 50 } })],
    })
    costs.update(lossOf(2), 1000)
    costs.update(lossOf(8), 3000)
    assert.equal(costs.shown.services.get('cart')?.lost, 3)
    assert.match(
      plainPage([rate('cart')], view, costs.shown),
      /^Exchanges: seen 9 \/ lost 8\nSERVICE/,
    )
    const [first] = screenPage([], view, '', { columns: 99, rows: 10 }, costs.shown)
    assert.equal(first, 'weir top. Exchanges: seen 9 / lost 8')
  })

  test('order lines: the least covered, the most lost and the costliest first', () => {
    const costs = new ShownCosts()
    const one = { bytes: 100, bytesInSpans: 90 }
    const cpu = { allNs: 9e6, probesNs: 5e6 }
    const two = { bytes: 100, bytesInSpans: 20, cpu, reasons: { refused: 4 } }
    costs.update(told([cost('one', one), cost('two', { bytes: 100, bytesInSpans: 20 })]), 1000)
    costs.update(told([cost('one', one), cost('two', two)]), 2000)
    const rates = [rate('none'), rate('one'), rate('two')]
    const names = (sort: Sort) =>
      rowsOf(rates, { ...view, sort }, costs.shown).map(({ group }) => group.service)
    assert.deepEqual(names('coverage'), ['two', 'one', 'none'])
    assert.deepEqual(names('lost'), ['two', 'none', 'one'])
    assert.deepEqual(names('cpu'), ['two', 'none', 'one'])
    assert.deepEqual(names('probes'), ['two', 'none', 'one'])
  })

  test('traffic that nobody can read has a line of its own, of services without spans, too', () => {
    const costs = new ShownCosts()
    costs.update(told([cost('cart'), cost('mail', { bytesUnread: 500 })]), 1000)
    assert.doesNotMatch(plainPage([rate('cart')], view, costs.shown), /readable/)
    costs.update(
      told([cost('cart', { bytesUnread: 1000 }), cost('mail', { bytesUnread: 4500 })]),
      3000,
    )
    const line = /^TLS, not readable \(weir explain says why\): mail 2\.0 kB\/s, cart 0\.5 kB\/s$/m
    assert.match(plainPage([rate('cart')], view, costs.shown), line)
    const size = { columns: 99, rows: 6 }
    const screen = screenPage([rate('cart'), rate('other')], view, '', size, costs.shown)
    assert.equal(screen.length, 6)
    assert.match(screen[4] ?? '', /^TLS, not readable/)
    assert.match(screen[3] ?? '', /^cart server/)
    assert.doesNotMatch(plainPage([], { ...view, by: 'route' }, costs.shown), /readable/)
  })

  test('need room in a terminal', () => {
    const costs = new ShownCosts()
    costs.update(told([cost('cart')]), 1000)
    const at = (columns: number) =>
      screenPage([rate('cart')], view, '', { columns, rows: 10 }, costs.shown)
    assert.ok(at(99).some((line) => line.includes('COVER %')))
    assert.ok(at(99).every((line) => line.length <= 99))
    assert.ok(at(98).every((line) => !line.includes('COVER %')))
  })
})
