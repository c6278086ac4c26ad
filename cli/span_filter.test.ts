import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseFilter, parseFilters } from './span_filter.ts'
import type { SpanView } from './span_view.ts'
import { UsageError } from './verb.ts'

const SPAN: SpanView = {
  time: '2026-01-02T03:04:05.000Z',
  service: 'cart',
  namespace: 'shop',
  pid: 7,
  kind: 'server',
  name: 'GET /users/*',
  method: 'GET',
  route: '/users/*',
  path: '/users/7',
  status: 503,
  error: true,
  duration_ms: 120.5,
  trace_id: 'ab',
  span_id: 'cd',
  parent_span_id: '',
  attributes: { 'server.port': 8080 },
}

describe('parseFilter', () => {
  type Case = [filter: string, want: boolean]
  const cases: Case[] = [
    ['service=cart', true],
    ['service=car', false],
    ['service!=car', true],
    ['status>=500', true],
    ['status<500', false],
    ['duration>100ms', true],
    ['duration>1s', false],
    ['duration>120', true],
    ['path~^/users', true],
    ['path!~health', true],
    ['error=true', true],
    ['pid=7', true],
    ['server.port=8080', true],
    ['name=<module>', false],
    ['route~<id>', false],
    ['server.port>8080', false],
  ]
  for (const [filter, want] of cases) {
    test(filter, () => assert.equal(parseFilter(filter)(SPAN), want))
  }

  type Words = [words: readonly string[], want: boolean]
  const several: Words[] = [
    [['service=cart', 'status>=500'], true],
    [['service=cart', 'status<500'], false],
    [['service=cart status>=500 duration>100ms path~/users'], true],
    [['service=cart status>=500', ' path~/api '], false],
    [['name=GET /users/*'], true],
    [['name=GET /users/* method=POST'], false],
    [[], true],
  ]
  for (const [words, want] of several) {
    test(`all of ${JSON.stringify(words)}`, () => assert.equal(parseFilters(words)(SPAN), want))
  }

  type Bad = [filter: string, want: RegExp]
  const bad: Bad[] = [
    ['cart', /"cart" is no filter/],
    ['servise=cart', /did you mean "service"\?/],
    ['status>=high', /expected a number after status/],
    ['duration>5parsecs', /expected a number after duration/],
    ['path~(', /no regular expression/],
    ['status==500', /there is no == write status=500$/],
    ['status=>500', /there is no => write status>=500$/],
    ['status=<500', /there is no =< write status<=500$/],
    ['path=~^/api', /there is no =~ write path~\^\/api$/],
  ]
  for (const [filter, want] of bad) {
    test(`refuses ${filter}`, () => {
      assert.throws(
        () => parseFilter(filter),
        (error) => error instanceof UsageError && want.test(`${error.message} ${error.hint}`),
      )
    })
  }
})
