import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { namingVariables, parseResourceAttributes } from './environment.ts'

describe('namingVariables', () => {
  test('keeps what names the service and nothing else', () => {
    const environ = [
      'SECRET=1',
      'OTEL_SERVICE_NAME=shop',
      'OTEL_SERVICE_NAMES=no',
      'OTEL_SERVICE_NAME=b',
    ]
    assert.deepEqual([...namingVariables(environ)], [['OTEL_SERVICE_NAME', 'shop']])
  })
  test('keeps an empty value and one with equals signs', () => {
    const environ = ['OTEL_SERVICE_NAME=', 'OTEL_RESOURCE_ATTRIBUTES=a=b']
    assert.deepEqual(Object.fromEntries(namingVariables(environ)), {
      OTEL_SERVICE_NAME: '',
      OTEL_RESOURCE_ATTRIBUTES: 'a=b',
    })
  })
})

describe('parseResourceAttributes', () => {
  type Case = [name: string, text: string, want: Record<string, string>]
  const cases: Case[] = [
    ['nothing', '', {}],
    ['two', 'service.name=shop,team=a', { 'service.name': 'shop', team: 'a' }],
    ['spaces around', ' a = b , c = d ', { a: 'b', c: 'd' }],
    ['percent-encoded', 'a=x%2Cy%3D1%20%C3%A9', { a: 'x,y=1 é' }],
    ['an empty value', 'a=', { a: '' }],
    ['a trailing comma', 'a=b,', { a: 'b' }],
    ['equals in the value', 'a=b=c', { a: 'b=c' }],
    ['no equals sign: all is discarded', 'a=b,c', {}],
    ['no key: all is discarded', 'a=b,=c', {}],
    ['bad encoding: all is discarded', 'a=b,c=%zz', {}],
  ]
  for (const [name, text, want] of cases) {
    test(name, () => assert.deepEqual(Object.fromEntries(parseResourceAttributes(text)), want))
  }
})
