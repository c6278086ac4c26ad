import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { sumOf } from '../explain/traffic.ts'
import { NO_CPU, NOTHING_OPEN, ServiceCosts, type Share } from './service_costs.ts'

const share = (service: string, more: Partial<Share> = {}): Share => ({
  service,
  book: undefined,
  open: NOTHING_OPEN,
  hits: 0,
  probesNs: 0,
  cpu: NO_CPU,
  ...more,
})
const book = (bytes: number, bytesInSpans: number) => ({
  spans: 1,
  bytes,
  bytesInSpans,
  bytesUnread: 0,
  reasons: new Map([['refused', 2]]),
})
const kind = { role: 'server', protocol: 'HTTP1', connections: 1, handshake: '' } as const

describe('costs of services', () => {
  test('are those of ended connections and of open ones', () => {
    const open = sumOf([
      { ...kind, reading: 'spans', bytes: 50 },
      { ...kind, reading: 'none yet', bytes: 30 },
      { ...kind, reading: 'not readable', bytes: 20 },
    ])
    assert.deepEqual(open, { bytes: 100, bytesInSpans: 50, bytesUnread: 20 })
    const costs = new ServiceCosts()
    costs.add(
      share('cart', {
        book: book(10, 8),
        open,
        hits: 3,
        probesNs: 7,
        cpu: { allNs: 90, probesNs: 7 },
      }),
    )
    costs.add(share('cart', { book: book(10, 2), cpu: { allNs: 10, probesNs: 0 } }))
    costs.add(share('mail', { open }))
    const [cart, mail] = costs.list()
    assert.deepEqual(cart, {
      service: 'cart',
      spans: 2,
      bytes: 120,
      bytesInSpans: 60,
      bytesUnread: 20,
      hits: 3,
      probesNs: 7,
      cpu: { allNs: 100, probesNs: 7 },
      reasons: { refused: 4 },
    })
    assert.deepEqual([mail?.bytes, mail?.bytesInSpans, mail?.spans], [100, 50, 0])
  })

  test('of too many services the last are one', () => {
    const costs = new ServiceCosts()
    for (let i = 0; i < 1002; i++) costs.add(share(`service-${i}`, { hits: 1 }))
    const found = costs.list()
    assert.equal(found.length, 1001)
    assert.deepEqual([found.at(-1)?.service, found.at(-1)?.hits], ['(others)', 2])
  })
})
