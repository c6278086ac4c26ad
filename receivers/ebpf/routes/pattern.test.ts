import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { matchesPattern, parsePattern, segmentsOf } from './pattern.ts'

describe('patterns', () => {
  type Case = [pattern: string, path: string, want: boolean]
  const cases: Case[] = [
    ['/users/{id}', '/users/7', true],
    ['/users/{id}', '/users/7/', true],
    ['/users/{id}', '/users', false],
    ['/users/{id}', '/users/7/orders', false],
    ['/users/:id/orders', '/users/7/orders', true],
    ['/users/*/orders', '/users/7/orders', true],
    ['/users/*/orders', '/users/7/carts', false],
    ['/static/*', '/static/js/app.js', true],
    ['/static/*', '/static', true],
    ['/static/**', '/static/a/b/c', true],
    ['/static/*', '/statics', false],
    ['/*', '/', true],
    ['/', '/', true],
    ['/', '/a', false],
  ]
  for (const [pattern, path, want] of cases) {
    test(`${pattern} and ${path}`, () => {
      const parsed = parsePattern(pattern)
      assert.ok(typeof parsed !== 'string', String(parsed))
      assert.equal(matchesPattern(parsed, segmentsOf(path)), want)
    })
  }

  type Bad = [pattern: string, want: string]
  const bad: Bad[] = [
    ['users', 'it does not begin with "/"'],
    ['/a/b*', '"b*" is neither a word nor a variable'],
    ['/a/{id', '"{id" is neither a word nor a variable'],
  ]
  for (const [pattern, want] of bad) {
    test(`${pattern} is refused`, () => assert.equal(parsePattern(pattern), want))
  }
})
