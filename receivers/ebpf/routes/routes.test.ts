import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ConfigError } from '../../../config/issue.ts'
import { ownPatternsOf, ownRoutesFields, routeRulesOf, routesFields } from './fields.ts'
import { AllRoutes } from './routes.ts'

const routesOf = (config: unknown) => new AllRoutes(routeRulesOf(routesFields.parse(config)))

const request = (path: string) => ({ side: 'incoming', method: 'GET', path, learn: true }) as const

describe('routes', () => {
  type Case = [name: string, config: object, path: string, want: string | undefined]
  const cases: Case[] = [
    ['learned', {}, '/users/1', '/users/*'],
    ['another wildcard', { wildcard_char: '#' }, '/users/1', '/users/#'],
    ['heuristic', { unmatched: 'heuristic' }, '/users/1/a1b2c3', '/users/*/*'],
    ['low-cardinality', { unmatched: 'low-cardinality' }, '/users/1', '/users/*'],
    ['wildcard', { unmatched: 'wildcard' }, '/users/1', '/**'],
    ['path', { unmatched: 'path' }, '/users/1', '/users/1'],
    ['unset', { unmatched: 'unset' }, '/users/1', ''],
    ['a pattern', { patterns: ['/users/{id}'], unmatched: 'unset' }, '/users/1', '/users/{id}'],
    ['the first pattern', { patterns: ['/users/*', '/users/me'] }, '/users/me', '/users/*'],
    ['an ignored one', { ignored_patterns: ['/health'] }, '/health', undefined],
    ['ignored wins', { patterns: ['/a/{b}'], ignored_patterns: ['/a/*'] }, '/a/b', undefined],
    ['no path', {}, '*', ''],
  ]
  for (const [name, config, path, want] of cases) {
    test(name, () => assert.equal(routesOf(config).ofService('/s').of(request(path)), want))
  }

  test("an entry's own patterns come instead of the others, for its side", () => {
    const own = ownPatternsOf(ownRoutesFields.parse({ incoming: ['/mine/{x}'] }))
    const routes = routesOf({ patterns: ['/all/{x}'], unmatched: 'unset' }).ofService('/s', own)
    assert.equal(routes.of(request('/mine/1')), '/mine/{x}')
    assert.equal(routes.of(request('/all/1')), '')
    assert.equal(routes.of({ ...request('/all/1'), side: 'outgoing' }), '/all/{x}')
  })

  test('processes of one service learn together', () => {
    const all = routesOf({ max_names: 60 })
    for (let i = 0; i < 10; i++) all.ofService('/s').of(request(`/word${'abcdefghij'[i]}`))
    assert.equal(all.ofService('/s').learned.names, 10)
    assert.equal(all.ofService('/t').learned.names, 0)
  })

  type Bad = [config: object, want: RegExp]
  const bad: Bad[] = [
    [{ patterns: ['users'] }, /expected a route like "\/users\/\{id\}", got "users"/],
    [{ unmatched: 'heuristics' }, /did you mean "heuristic"/],
    [{ wildcard_char: '**' }, /expected one character/],
    [{ max_names: 3 }, /allowed is/],
  ]
  for (const [config, want] of bad) {
    test(`refuses ${JSON.stringify(config)}`, () => {
      assert.throws(
        () => routesOf(config),
        (error) => error instanceof ConfigError && want.test(error.message),
      )
    })
  }
})
