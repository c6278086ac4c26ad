import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { full } from '../../../test/size.ts'
import { LearnedRoutes } from './learned.ts'

const CAP = 100
/** A million take four seconds. */
const PATHS = full ? 1_000_000 : 100_000
const SERVICE = { children: 20, names: CAP, wildcard: '*' }

/** The same numbers in each run (mulberry32). */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const SYLLABLES = 'ba co di fu ga lo mi no pe ra so ti vu we ya zo'.split(' ')
const METHODS = ['GET', 'PUT', 'POST', 'HEAD', 'HTTP']

/** Names of spans of as many paths as there are, made by `pathOf`. */
function namesOf(count: number, pathOf: (below: (n: number) => number) => string): Set<string> {
  const next = random(7)
  const below = (n: number) => Math.floor(next() * n)
  const routes = new LearnedRoutes(SERVICE)
  const names = new Set<string>()
  for (let i = 0; i < count; i++) {
    const method = METHODS[below(METHODS.length)] ?? ''
    const side = below(2) === 0 ? 'incoming' : 'outgoing'
    names.add(`${method} ${routes.route(side, method, pathOf(below), true)}`)
  }
  return names
}

const word = (below: (n: number) => number) =>
  Array.from({ length: 2 + below(3) }, () => SYLLABLES[below(SYLLABLES.length)]).join('')

describe('the cap', () => {
  test(`holds for ${PATHS} random paths of words`, () => {
    const names = namesOf(PATHS, (below) =>
      Array.from({ length: below(7) }, () => `/${word(below)}`).join(''),
    )
    assert.ok(names.size <= CAP, `${names.size} names`)
    assert.ok(names.size > CAP / 2, `${names.size} names`)
  })

  test('holds for bytes', () => {
    const names = namesOf(20_000, (below) =>
      String.fromCharCode(47, ...Array.from({ length: below(20) }, () => below(256))),
    )
    assert.ok(names.size <= CAP, `${names.size} names`)
  })
})

describe('learned routes', () => {
  const play = (paths: readonly string[], options = SERVICE) => {
    const routes = new LearnedRoutes(options)
    const route = (path: string) => routes.route('incoming', 'GET', path, true)
    for (const path of paths) route(path)
    return { routes, route }
  }

  test('words stay, ids go, from the first request on', () => {
    const { route } = play([])
    type Case = [path: string, want: string]
    const cases: Case[] = [
      ['/', '/'],
      ['/api/v1/users', '/api/v1/users'],
      ['/api/v1/users/42', '/api/v1/users/*'],
      ['/api/v1/users/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0/orders', '/api/v1/users/*/orders'],
      ['/api//v1/users/', '/api/v1/users'],
      ['/mail/ann@example.com', '/mail/*'],
      ['/a/b/c/d/e/f/g/h/i/j/k/l', '/a/b/c/d/e/f/g/h/i/j/**'],
    ]
    for (const [path, want] of cases) assert.equal(route(path), want, path)
  })

  test('names of people and projects, as on GitHub', () => {
    const names = namesOf(5000, (below) => {
      const end = ['', '/issues', `/issues/${below(1000)}`, '/pulls', '/actions'][below(5)] ?? ''
      return `/${word(below)}/${word(below)}-${word(below)}${end}`
    })
    const kept = [...names].filter((name) => name.startsWith('GET /*/*'))
    const want = ['', '/issues', '/issues/*', '/pulls', '/actions'].map((end) => `GET /*/*${end}`)
    assert.deepEqual(kept.sort(), want.sort())
  })

  test('what is asked for all the time stays beside thousands of names', () => {
    const { route, routes } = play(Array.from({ length: 500 }, () => '/login'))
    const next = random(3)
    const below = (n: number) => Math.floor(next() * n)
    for (let i = 0; i < 100; i++) route(`/${word(below)}`)
    assert.equal(route('/login'), '/login')
    assert.equal(route('/somebody'), '/*')
    assert.equal(routes.collapsed.length, 1)
  })

  test('an API of forty routes keeps them all', () => {
    const paths = SYLLABLES.slice(0, 8).flatMap((one) =>
      ['', '/list', '/search', '/17', '/17/edit'].map((end) => `/api/${one}s${end}`),
    )
    const { route } = play([...paths, ...paths])
    const want = paths.map((path) => path.replace('17', '*'))
    assert.deepEqual(paths.map(route), want)
  })

  test('nothing is learned from what the service did not know', () => {
    const { routes } = play(['/users/1'])
    const look = (path: string) => routes.route('incoming', 'GET', path, false)
    assert.equal(look('/wp-admin'), '')
    assert.equal(look('/users/2'), '/users/*')
    assert.equal(routes.route('incoming', 'GET', '/wp-admin', true), '/wp-admin')
  })

  test('incoming and outgoing paths are told apart', () => {
    const { routes } = play(['/users/1'])
    assert.equal(routes.route('outgoing', 'GET', '/users/1', false), '')
  })
})
