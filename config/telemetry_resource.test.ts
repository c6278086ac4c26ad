import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ResourceSchema } from './telemetry_resource.ts'

const read = (plain: unknown) => Object.fromEntries(new ResourceSchema().parse(plain))

type Good = [name: string, plain: unknown, want: Readonly<Record<string, unknown>>]
const good: Good[] = [
  ['nothing', null, {}],
  [
    'a map, in which null takes away',
    { a: 'x', 'service.name': null },
    { a: 'x', 'service.name': null },
  ],
  [
    'a list, types by what is written',
    list(['a', 'x'], ['b', 2], ['c', [true]]),
    { a: 'x', b: 2, c: [true] },
  ],
  ['a list with types', { attributes: [{ name: 'a', value: 2, type: 'int' }] }, { a: 2 }],
  [
    'a list, in which null takes away',
    list(['service.version', null]),
    { 'service.version': null },
  ],
]

const bad: [name: string, plain: unknown, message: RegExp][] = [
  ['a number in a map', { a: 7 }, /resource attribute "a" must be string or null/],
  ['another type', { attributes: [{ name: 'a', value: 'x', type: 'int' }] }, /"a" is no int/],
  ['a map as a value', list(['a', {}]), /"a" is no attribute value/],
  ['both forms', { ...list(['a', 'x']), b: 'y' }, /has invalid keys: b/],
  ['a list alone', ['a'], /expected a map/],
]

function list(...attributes: readonly (readonly [string, unknown])[]) {
  return { attributes: attributes.map(([name, value]) => ({ name, value })) }
}

describe('service::telemetry::resource', () => {
  for (const [name, plain, want] of good) {
    test(name, () => assert.deepEqual(read(plain), want))
  }
  for (const [name, plain, message] of bad) {
    test(`refuses ${name}`, () => assert.throws(() => read(plain), message))
  }
})
