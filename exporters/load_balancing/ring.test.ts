import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { RINGS, Ring } from './ring.ts'

const THREE = ['a:4317', 'b:4317', 'c:4317']
const TWO = ['10.0.0.1:4317', '10.0.0.2:4317']
const MANY = Array.from({ length: 300 }, (_, i) => `endpoint-${i}`)

/** Of all points of a ring, in one text. */
const digest = (ring: Ring): string =>
  createHash('sha256')
    .update(ring.points.map(({ position, backend }) => `${position} ${backend}\n`).join(''))
    .digest('hex')
    .slice(0, 32)

const keyOf = (i: number): Uint8Array => Uint8Array.from({ length: 16 }, (_, j) => i * 7 + j * 3)

describe('the ring', () => {
  // By the load balancer's own code of Collectors 0.150 and 0.159.
  const rows: [kind: keyof typeof RINGS, backends: string[], points: number, digest: string][] = [
    [131_071, THREE, 600, '8388743161bc9b6feea990b18d56e284'],
    [131_071, TWO, 400, '188082f36433d114c5406ff06698d9ae'],
    [131_071, MANY, 60_000, '2d24d9c1a0a7ba4ac79618794a25c010'],
    [36_000, THREE, 300, 'f6ca5ac11749ca9c12487434b8b85b36'],
    [36_000, TWO, 200, '7945e96d87ecc59fbaa7b52f9d606f4a'],
    [36_000, MANY, 28_520, '8fb63b1ec6415d3f8fd46e1f2ab0f2ce'],
  ]
  for (const [kind, backends, points, want] of rows) {
    test(`of ${backends.length} backends has the points of the Collector's with ${kind} places`, () => {
      const ring = new Ring(backends, RINGS[kind])
      assert.equal(ring.points.length, points)
      assert.equal(digest(ring), want)
    })
  }

  const chosen: [kind: keyof typeof RINGS, backends: string][] = [
    [131_071, 'bbabcaacacabbbbcaaccbacbcacccaabbacacccb'],
    [36_000, 'bbbabcbcbccacbbcbacccabbcbbaccbabcaabaca'],
  ]
  for (const [kind, want] of chosen) {
    test(`gives traces to the backends of the Collector's with ${kind} places`, () => {
      const ring = new Ring(THREE, RINGS[kind])
      const got = Array.from({ length: 40 }, (_, i) => ring.backendOf(keyOf(i))?.[0]).join('')
      assert.equal(got, want)
    })
  }

  test('does not depend on the order of the backends', () =>
    assert.equal(digest(new Ring(MANY.toReversed())), digest(new Ring(MANY))))

  test('texts are keys, too; one before the first point is its', () => {
    const ring = new Ring(THREE)
    assert.equal(ring.backendOf('service.name=shop|'), 'c:4317')
    assert.equal(ring.backendOf(''), 'b:4317')
  })

  test('a backend that goes takes only its own keys along', () => {
    const all = new Ring(THREE)
    const fewer = new Ring(['a:4317', 'c:4317'])
    const keys = Array.from({ length: 3000 }, (_, i) => `service-${i}`)
    const moved = keys.filter((key) => all.backendOf(key) !== fewer.backendOf(key))
    assert(moved.every((key) => all.backendOf(key) === 'b:4317'))
    assert(moved.length > 500 && moved.length < 1500, `${moved.length} of 3000`)
  })

  test('without backends there is none', () => assert.equal(new Ring([]).backendOf('a'), undefined))
})
