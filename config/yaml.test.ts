import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { toPlain } from './expanded.ts'
import { formatIssue } from './issue.ts'
import { parseYaml } from './yaml.ts'

const plain = (text: string): unknown => {
  const { node, issues } = parseYaml(text, 'a.yaml')
  assert.deepEqual(issues, [])
  return JSON.parse(JSON.stringify(toPlain(node)))
}

type Value = [name: string, yaml: string, want: unknown]
const values: Value[] = [
  ['octal of old', '0123', 83],
  ['negative octal', '-0100', -64],
  ['octal', '0o17', 15],
  ['binary', '0b11', 3],
  ['hexadecimal', '0xFF', 255],
  ['underscores', '1_000', 1000],
  ['eight is no octal digit', '0189', 189],
  ['a fraction', '1.9', 1.9],
  ['yes is a word', 'yes', 'yes'],
  ['a sexagesimal is a word', '1:30', '1:30'],
  ['a date is a word', '2024-02-30', '2024-02-30'],
  ['TRUE is true', 'TRUE', true],
  ['a tilde is null', '~', null],
  ['quoted numbers are words', '"12"', '12'],
  ['colons nest', 'a::b::c: 1', { a: { b: { c: 1 } } }],
  ['colons join what is nested', 'a:\n  x: 1\na::b: 2', { a: { x: 1, b: 2 } }],
  [
    'a merge key',
    'base: &b {x: 1, y: 2}\nover: {<<: *b, x: 3}',
    { base: { x: 1, y: 2 }, over: { x: 3, y: 2 } },
  ],
  [
    'several merge keys, the first counts',
    'a: &a {x: 1}\nb: &b {x: 2, y: 2}\nc: {<<: [*a, *b]}',
    { a: { x: 1 }, b: { x: 2, y: 2 }, c: { x: 1, y: 2 } },
  ],
  ['carriage returns', 'a: 1\r\nb: 2\r\n', { a: 1, b: 2 }],
  ['nothing', '', null],
  ['a comment alone', '# hello', null],
]

describe("the Collector's YAML", () => {
  for (const [name, yaml, want] of values) {
    test(name, () => assert.deepEqual(plain(yaml), want))
  }

  test('each key and value has its place', () => {
    const { node } = parseYaml('a:\n  b: [1,\n      2]\n', 'a.yaml')
    const a = node.value instanceof Map ? node.value.get('a')?.node : undefined
    const b = a?.value instanceof Map ? a.value.get('b') : undefined
    assert.deepEqual(b?.key, { source: 'a.yaml', line: 2, column: 3 })
    const items = Array.isArray(b?.node.value) ? b.node.value : []
    assert.deepEqual(items[1].origin, { source: 'a.yaml', line: 3, column: 7 })
  })
})

const bomb = Array.from({ length: 9 }, (_, i) => {
  const items = i === 0 ? '"x"' : `*a${i - 1}`
  return `a${i}: &a${i} [${Array(9).fill(items).join(', ')}]`
}).join('\n')

type Refusal = [name: string, yaml: string, want: RegExp]
const refusals: Refusal[] = [
  [
    'a tab, with a caret',
    'a:\n\tb: 1\n',
    /^a\.yaml:2:1: invalid YAML.*Tabs[^\n]*\n {4}[^\n]*b: 1\n {4}\^$/,
  ],
  ['an open list', 'a: [1, 2', /a\.yaml:1:9: invalid YAML/],
  ['a key twice', 'a: 1\nb: 2\na: 3\n', /^a\.yaml:3:1: invalid YAML.*unique/],
  ['a key twice, nothing after it', 'x:\n  a:\n  a:\n', /^a\.yaml:3:3: .*unique\n {6}a:\n {6}\^$/],
  ['nested aliases without end', bomb, /too many or too deeply nested values/],
  ['an alias of itself', 'a: &a [*a]', /too many or too deeply nested values|invalid YAML/],
  ['megabytes', `a: ${'x'.repeat(5 << 20)}`, /the file has \d+ bytes, allowed are 4194304/],
  ['a thousand brackets', '['.repeat(1000), /invalid YAML|too deeply nested/],
  ['too many brackets for the parser', '['.repeat(10_000), /nested too deeply\n {4}\[{1,120}\n/],
  [
    'a part of a very long line',
    `{a: [${'1, '.repeat(1000)}}`,
    /^a\.yaml:1:3006: invalid YAML[^\n]*\n {4}[1, ]{80}\}\n {84}\^$/,
  ],
]

describe('YAML that is refused', () => {
  for (const [name, yaml, want] of refusals) {
    test(name, () => {
      const errors = parseYaml(yaml, 'a.yaml').issues
      assert.equal(errors.length, 1)
      assert.match(errors.map(formatIssue).join('\n'), want)
    })
  }

  test('every key that comes twice is named', () => {
    assert.equal(parseYaml('a: 1\na: 2\nb: 1\nb: 2\n', 'a.yaml').issues.length, 2)
  })

  test('a second document is ignored with a warning', () => {
    const { node, issues } = parseYaml('a: 1\n---\nb: 2\n', 'a.yaml')
    assert.deepEqual(JSON.parse(JSON.stringify(toPlain(node))), { a: 1 })
    assert.match(issues.map(formatIssue).join(), /^a\.yaml:\d:\d: warning: a second YAML document/)
  })
})
