/**
 * As the Collector's transform processor 0.159 has it (feature gate ottl.functions.enableLambda), which the same
 * expressions were played in.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compileProgram } from '../program.ts'
import { functionsIn } from './standard.ts'
import { resultOf } from './testing.ts'

const L = 'attributes["list"]' // b, c, a
const N = 'attributes["numbers"]' // 3, 1, 2
const M = 'attributes["map"]' // k: v, n: 1

/** @param depth How many lambdas stand within each other */
const nested = (depth: number, inner: string): string =>
  depth === 0 ? inner : `Any(${L}, (_, v) => ${nested(depth - 1, inner)})`

const results: [expression: string, want: unknown][] = [
  [`All(${L}, (_, v) => v != nil)`, true],
  [`All(${L}, (_, v) => v == "a")`, false],
  ['All({}, (_, v) => false)', true],
  [`All(${M}, (k, _) => k == "k" or k == "n")`, true],
  [`Any(${L}, (i, v) => i == 2 and v == "a")`, true],
  [`Any(${L}, (i, v) => not (i == 2))`, true],
  [`Any(${L}, (i, v) => not IsString(v) and true)`, false],
  [`Any(${N}, (_, v) => v * 2 == 6)`, true],
  [`Any(${N}, (_, v) => (v + 1) * 2 == 8)`, true],
  [`Any(${L}, (_, v) => IsString(v))`, true],
  [`Any(source=${L}, predicate=(_, _) => true)`, true],
  [`Filter(${L}, (i, _) => i > 0)`, ['c', 'a']],
  [`Filter(${M}, (k, v) => IsInt(v))`, { n: 1 }],
  ['Filter([1, "x", nil], (_, v) => v != nil)', [1, 'x']],
  ['Filter(Split("a,b,c", ","), (_, v) => v != "b")', ['a', 'c']],
  [`Filter(${L}, (_, v) => Any(["a", "c"], (_, w) => w == v))`, ['c', 'a']],
  [`Find(${N}, (_, v) => v < 3)`, 1],
  [`Find(${N}, (_, v) => v > 99)`, undefined],
  [`Find(${M}, (k, _) => k == "n", (k, v) => [k, v])`, ['n', 1]],
  [`Find(attributes["people"], (_, v) => v["id"] == "b", (_, v) => v["v"]["x"])`, 2],
  [`MapEach(${N}, (_, v) => v * 2)`, [6, 2, 4]],
  [`MapEach(${N}, (i, v) => Concat([i, v], ":"))`, ['0:3', '1:1', '2:2']],
  [`MapEach(${N}, (_, v) => v > 1)`, [true, false, true]],
  [`MapEach(${N}, (_, v) => {"x": v})`, [{ x: 3 }, { x: 1 }, { x: 2 }]],
  [`MapEach(${M}, (k, _) => k)`, { k: 'k', n: 'n' }],
  [`MapEach(${N}, (_, v) => ${L}[v - 1])`, ['a', 'b', 'c']],
  [`MapEach(${N}, (_, v) => MapEach(["x"], (_, v) => v))`, [['x'], ['x'], ['x']]],
  [`MapEach(${N}, (i, v) => When(() => v > 1, v, i))`, [3, 1, 2]],
  [`MapEach(${N}, (_, v) => v)[0]`, 3],
  [`MapEach(${L}, (attributes, v) => attributes)`, [0, 1, 2]],
  [`MapKeys(${M}, (k, _) => Concat(["http", k], "."))`, { 'http.k': 'v', 'http.n': 1 }],
  [`MapKeys(${M}, (k, _) => "same")`, { same: 1 }],
  [`MapKeys(source=${M}, keyMapper=(k, _) => ToUpperCase(k))`, { K: 'v', N: 1 }],
  [`Reduce(${N}, 0, (sum, i, v) => sum + i * v)`, 5],
  ['Reduce([], "seed", (sum, _, v) => sum + v)', 'seed'],
  [`Reduce(${M}, "", (sum, k, v) => Concat([sum, k], ";"))`, ';k;n'],
  [`MapEach(${N}, (_, v) => Reduce(${N}, 0, (sum, _, w) => sum + w * v))`, [18, 6, 12]],
  ['When(() => attributes["n"] > 0, "plus", "minus")', 'plus'],
  ['When(() => false, 1, nil)', undefined],
]

describe('functions that take a lambda', () => {
  for (const [expression, want] of results) {
    test(expression, () => assert.deepEqual(resultOf(expression), want))
  }

  const failing: [expression: string, says: RegExp][] = [
    ['Any(attributes["s"], (_, v) => true)', /Any: source: expected list or map but got string/],
    ['Any(attributes["none"], (_, v) => true)', /expected list or map but got nil/],
    [`Any(${L}, (_, v) => v)`, /Any: its lambda must give a bool, and gave string/],
    [`MapEach(${N}, (_, v) => nil)`, /MapEach: its lambda gave nil/],
    [`MapEach(${N}, (_, v) => time)`, /a time can be no attribute/],
    [`MapKeys(${M}, (k, v) => 1)`, /MapKeys: its lambda must give a string, and gave int64/],
    [`Reduce(${N}, 0, (_, _, v) => attributes["none"])`, /Reduce: its lambda gave nil/],
    // At start:
    [`Any(${L}, (v) => true)`, /must be a lambda of 2 parameters, this one has 1/],
    [`Any(${L}, IsString)`, /Any: predicate: must be a lambda, as/],
    [`Any(${L}, (a, a) => true)`, /two parameters of a lambda have the same name/],
    [`MapEach(${L}, (_, v) => v.c)`, /"v" is a parameter of a lambda, which has no fields/],
    [`MapEach(${L}, (_, v) => w)`, /log has no field "w"/],
    [`MapEach(${L}, (_, V) => 1)`, /unexpected "V", expected the name of a parameter/],
    [`MapEach(${L}, (_, v) =>)`, /unexpected "\)", expected a value/],
    ['[(x) => 1]', /a lambda is no value here/],
    [nested(9, 'true'), /more than 8 lambdas within each other/],
    [nested(8, '(1'), /unexpected the end of the text/], // and not that there are more than 8
  ]
  for (const [expression, says] of failing) {
    test(`fails: ${expression}`, () => assert.throws(() => resultOf(expression), says))
  }

  test('lambdas within each other have a limit, and take no time to read', () => {
    const nested = (n: number) =>
      `${'When(() => '.repeat(n)}not true${', 1, 2) == 1'.repeat(n - 1)}, 1, 2)`
    assert.equal(resultOf(nested(8)), 2)
    assert.throws(() => resultOf(nested(9)), /more than 8 lambdas within each other/)
  })

  test('a fault in a lambda leaves the statements behind it alone', () => {
    const statements = [
      `set(attributes["r"], MapEach(${L}, (log, v) => log.x))`,
      'set(log.body, "x")',
    ]
    const compile = () =>
      compileProgram({ signal: 'logs', context: undefined, statements }, functionsIn)
    assert.throws(compile, ({ message }: Error) => !message.includes('statements[1]'))
  })
})
