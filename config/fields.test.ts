import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import { fromPlain } from './expanded.ts'
import {
  bool,
  duration,
  endpoint,
  enumOf,
  headers,
  int,
  list,
  map,
  object,
  opaque,
  optional,
  type Schema,
  size,
  text,
} from './fields.ts'
import { Reader } from './schema.ts'

/** The messages of reading `plain` as the key `x`. */
function messages(schema: Schema<unknown>, plain: unknown): string[] {
  const origin = { source: 'x' }
  const reader = new Reader(['x'], origin)
  schema.read(fromPlain(plain, origin), reader)
  return reader.issues.map((issue) => `${issue.severity}: ${issue.message}`)
}

const queue = object({ queue_size: int().min(1).default(1000), sizer: text().default('requests') })

type Read = [name: string, schema: Schema<unknown>, plain: unknown, want: unknown]
const reads: Read[] = [
  ['a whole number', int(), 7, 7],
  ['a fraction is cut off', int(), 1.9, 1],
  ['null for a number is zero, not the default', int().default(128), null, 0],
  ['a missing number is the default', int().default(128), undefined, 128],
  ['null for a string is empty', text().default('a'), null, ''],
  ['null for a bool is false', bool().default(true), null, false],
  ['a compound duration', duration(), '1h30m', 5_400_000],
  ['a micro sign', duration(), '5µs', 0.005],
  ['a number is nanoseconds', duration(), 5, 5e-6],
  ['zero needs no unit', duration(), '0', 0],
  ['a size in MiB', size(), '4MiB', 4 << 20],
  ['a size in bytes', size(), 512, 512],
  ['a host and port', endpoint(), 'localhost:4317', 'localhost:4317'],
  ['one of the names', enumOf(['basic', 'normal']), 'basic', 'basic'],
  ['a comma string for a list', list(text()), 'a,b', ['a', 'b']],
  ['null keeps the default of a list', list(int()).default([1]), null, [1]],
  ['an empty list replaces the default', list(int()).default([1]), [], []],
  [
    'a missing object has inner defaults',
    object({ q: queue }),
    {},
    { q: { queue_size: 1000, sizer: 'requests' } },
  ],
  ['null for an object is its defaults', queue, null, { queue_size: 1000, sizer: 'requests' }],
  ['a missing section is off', optional(queue), undefined, undefined],
  ['a null section is on', optional(queue), null, { queue_size: 1000, sizer: 'requests' }],
  [
    'a default section is on',
    optional(queue, { absent: 'on' }),
    undefined,
    { queue_size: 1000, sizer: 'requests' },
  ],
  [
    'enabled: false hides bad values',
    optional(queue, { absent: 'on', enabledKey: true }),
    { enabled: false, queue_size: -1 },
    undefined,
  ],
  [
    'a map keeps its order',
    map(int()),
    { b: 1, a: 2 },
    new Map([
      ['b', 1],
      ['a', 2],
    ]),
  ],
]

describe('reading a field', () => {
  for (const [name, schema, plain, want] of reads) {
    test(name, () => assert.deepEqual(schema.parse(plain), want))
  }
})

type Refusal = [name: string, schema: Schema<unknown>, plain: unknown, want: RegExp]
const refusals: Refusal[] = [
  [
    'a word for a number',
    int(),
    'many',
    /^error: 'x' expected type 'int', got unconvertible type 'string': found "many"/,
  ],
  ['a number for a string', text(), 42, /expected type 'string', got unconvertible type 'int'/],
  ['a word for a bool', bool(), 'yes', /expected type 'bool', got unconvertible type 'string'/],
  [
    'a negative for an unsigned',
    int().min(0),
    -5,
    /-5 overflows uint, found -5, allowed is 0 or more/,
  ],
  ['above the bound', int().min(1).max(10), 11, /found 11, allowed is 1 to 10/],
  ['days', duration(), '1d', /expected a duration like "5s", got "1d": time: unknown unit "d"/],
  ['a duration without unit', duration(), '5', /missing unit in duration "5"/],
  ['a duration that is a word', duration(), 'soon', /time: invalid duration "soon"/],
  ['a bare duration is warned of', duration(), 5, /^warning: .*5 means 5ns/],
  ['a bound in the words of the user', duration().min(1000), '5ms', /allowed is 1s or more/],
  ['a size of no unit', size(), '4 apples', /expected a size like "4MiB"/],
  [
    'a near name',
    enumOf(['basic', 'normal']),
    'nromal',
    /allowed is "basic", "normal" \(did you mean "normal"\?\)/,
  ],
  [
    'an unknown key',
    queue,
    { queue_siez: 1 },
    /'x' has invalid keys: queue_siez \(did you mean "queue_size"\?\)/,
  ],
  [
    'a list for a map',
    queue,
    [1],
    /'x' expected a map, got unconvertible type '\[\]interface \{\}'/,
  ],
  [
    'a string for a list of numbers',
    list(int()),
    '1,2',
    /source data must be an array or slice, got string/,
  ],
  [
    'a header twice',
    headers(),
    [
      { name: 'a', value: '1' },
      { name: 'a', value: '2' },
    ],
    /duplicate keys in map-style list: \[a\]/,
  ],
  ['an endpoint with a space', endpoint(), 'a b:1', /expected an endpoint/],
]

describe('refusing a field', () => {
  for (const [name, schema, plain, want] of refusals) {
    test(name, () => {
      const found = messages(schema, plain)
      assert.equal(found.length, 1, found.join('\n'))
      assert.match(found[0] ?? '', want)
    })
  }

  test('reports every bad key, not the first one', () => {
    const found = messages(queue, { queue_size: 'a', sizer: 1, extra: true })
    assert.equal(found.length, 3, found.join('\n'))
  })

  test('a missing required key says what it is', () => {
    const schema = object({ path: text().describe('File to write') })
    assert.deepEqual(messages(schema, {}), ["error: 'path' is required: File to write"])
  })

  test('a check runs on values of the right type alone', () => {
    const schema = object({ low: int(), high: int() }).check(
      (value) => value.low > value.high && 'low must not exceed high',
      'low',
    )
    assert.deepEqual(messages(schema, { low: 2, high: 1 }), ['error: low must not exceed high'])
    assert.equal(messages(schema, { low: 'x', high: 1 }).length, 1)
  })
})

describe('a secret', () => {
  const secret = opaque().parse('hunter2')
  test('is given by reveal alone', () => {
    assert.equal(secret.reveal(), 'hunter2')
    assert.equal(
      `${secret} ${JSON.stringify(secret)} ${inspect({ secret })}`.includes('hunter2'),
      false,
    )
  })

  const wrong: [name: string, plain: unknown][] = [
    ['a string for a map of them', 'authorization=hunter2'],
    ['a list item of another form', [{ key: 'authorization', value: 'hunter2' }]],
  ]
  for (const [name, plain] of wrong) {
    test(`is not printed in ${name}`, () => {
      const found = messages(headers(), plain)
      assert.equal(found.length, 1)
      assert.equal(found.join().includes('hunter2'), false, found.join())
    })
  }

  test('is not printed when it has the wrong type', () => {
    assert.equal(messages(opaque(), 123456).join().includes('123456'), false)
  })
})

test('the JSON Schema names types, bounds, defaults and what is required', () => {
  const schema = object({
    timeout: duration().default(5000).describe('Longest wait.'),
    path: text().describe('File.'),
    count: int().min(1).default(3),
  })
  assert.deepEqual(schema.json(), {
    type: ['object', 'null'],
    properties: {
      timeout: {
        description: 'Longest wait.',
        type: ['string', 'integer'],
        examples: ['200ms', '5s', '1h30m'],
        default: '5s',
      },
      path: { description: 'File.', type: 'string' },
      count: { type: 'integer', minimum: 1, default: 3 },
    },
    required: ['path'],
    additionalProperties: false,
  })
})
