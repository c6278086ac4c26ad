import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Attributes } from '../../data/attributes.ts'
import { valueText } from '../../data/value_text.ts'
import { Frame } from '../frame.ts'
import { compileProgram } from '../program.ts'
import { fromPlain } from '../value.ts'
import { functionsIn } from './standard.ts'

/** Attributes of a span before and after statements, as plain objects. */
function edited(before: object, ...statements: string[]): unknown {
  const frame = new Frame()
  const given = fromPlain(before, true) as { readonly value: Attributes }
  frame.span = { ...frame.span, name: 'GET /a', attributes: given.value }
  const program = compileProgram({ signal: 'traces', context: 'span', statements }, functionsIn)
  for (const { run } of program.statements) run(frame)
  return JSON.parse(valueText({ kind: 'kvlist', value: frame.span.attributes }))
}

type Case = [statement: string, before: object, after: object]

describe('OTTL editors', () => {
  const cases: Case[] = [
    ['set(attributes["a"], "x")', {}, { a: 'x' }],
    ['set(attributes["a"], nil)', { a: 1 }, { a: 1 }],
    ['set(attributes["a"], attributes["missing"])', { a: 1 }, { a: 1 }],
    ['set(attributes["a"]["b"], name)', {}, { a: { b: 'GET /a' } }],
    ['set(attributes["l"][1], "y")', { l: ['a', 'b'] }, { l: ['a', 'y'] }],
    ['set(attributes["a"], 1) where name == "no"', {}, {}],
    ['set(attributes, {"x": 1})', { a: 1 }, { x: 1 }],
    ['delete_key(attributes, "a")', { a: 1, b: 2 }, { b: 2 }],
    ['delete_matching_keys(attributes, "^h.*p$")', { http: 1, other: 2 }, { other: 2 }],
    ['keep_matching_keys(attributes, "^h")', { http: 1, other: 2 }, { http: 1 }],
    ['keep_keys(attributes, ["a", "z"])', { a: 1, b: 2 }, { a: 1 }],
    ['limit(attributes, 2, ["c"])', { a: 1, b: 2, c: 3 }, { a: 1, c: 3 }],
    ['truncate_all(attributes, 3)', { a: 'abcdef', n: 12345 }, { a: 'abc', n: 12345 }],
    ['truncate_all(attributes, 4)', { a: 'äää' }, { a: 'ää' }],
    ['stringify_all(attributes)', { a: 1, b: [1] }, { a: '1', b: '[1]' }],
    ['merge_maps(attributes, {"a": 2, "b": 3}, "insert")', { a: 1 }, { a: 1, b: 3 }],
    ['merge_maps(attributes, {"a": 2, "b": 3}, "update")', { a: 1 }, { a: 2 }],
    ['merge_maps(attributes, {"a": 2, "b": 3}, "upsert")', { a: 1 }, { a: 2, b: 3 }],
    ['append(attributes["t"], "x")', { t: 'a' }, { t: ['a', 'x'] }],
    ['append(attributes["t"], values=["x", "y"])', {}, { t: ['x', 'y'] }],
    ['delete_index(attributes["t"], 0)', { t: [1, 2, 3] }, { t: [2, 3] }],
    ['delete_index(attributes["t"], 0, 2)', { t: [1, 2, 3] }, { t: [3] }],
    [
      'replace_pattern(attributes["u"], "/\\\\d+", "/{id}")',
      { u: '/a/1/2' },
      { u: '/a/{id}/{id}' },
    ],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a group in the template of a replacement
    ['replace_pattern(attributes["u"], "(\\\\w)(\\\\d)", "$2${1}!")', { u: 'a1' }, { u: '1a!' }],
    [
      'replace_pattern(attributes["u"], "b", "x", SHA256)',
      { u: 'abc' },
      { u: 'a2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881c' },
    ],
    ['replace_pattern(attributes["u"], "b", "x", Hex, "<%s>")', { u: 'abc' }, { u: 'a<78>c' }],
    ['replace_all_patterns(attributes, "value", "a", "b")', { x: 'aa', n: 1 }, { x: 'bb', n: 1 }],
    [
      'replace_all_patterns(attributes, "key", "^kube_(\\\\w+)", "k8s.$1")',
      { kube_pod: 'p' },
      { 'k8s.pod': 'p' },
    ],
    [
      'replace_match(attributes["u"], "/user/*/list", "/user/{id}/list")',
      { u: '/user/7/list' },
      { u: '/user/{id}/list' },
    ],
    [
      'replace_match(attributes["u"], "/user/*", "x")',
      { u: '/user/7/list' },
      { u: '/user/7/list' },
    ],
    ['replace_all_matches(attributes, "a?c", "x")', { u: 'abc', v: 'abbc' }, { u: 'x', v: 'abbc' }],
    [
      'flatten(attributes)',
      { a: { b: 1, c: { d: 2 } }, l: ['x', 'y'] },
      { 'a.b': 1, 'a.c.d': 2, 'l.0': 'x', 'l.1': 'y' },
    ],
    ['flatten(attributes, "p", 1)', { a: { b: { c: 1 } } }, { 'p.a.b': { c: 1 } }],
    [
      'flatten(attributes, resolveConflicts=true)',
      { a: { b: 1 }, 'a.b': 2, l: ['x', 'y'] },
      { 'a.b': 1, 'a.b.0': 2, l: 'x', 'l.0': 'y' },
    ],
  ]
  for (const [statement, before, after] of cases) {
    test(statement, () => assert.deepEqual(edited(before, statement), after))
  }

  test('statements see what those before them did', () => {
    const statements = ['set(cache["x"], "1")', 'set(attributes["a"], cache["x"])']
    assert.deepEqual(edited({}, ...statements), { a: '1' })
  })
})

describe('OTTL editors that cannot', () => {
  const cases: [statement: string, want: RegExp][] = [
    ['set(name, 1)', /expected string but got int64/],
    ['set(kind, "x")', /expected int64 but got string/],
    ['set("a", 1)', /1:5: set: target: must be a path that can be set/],
    ['sett(name, "a")', /1:1: undefined editor "sett" in context span \(did you mean "set"\?\)/],
    ['delete_key(name, "a")', /expected a map but got string/],
    ['merge_maps(attributes, attributes, "replace")', /unknown value "replace"/],
    ['limit(attributes, 1, ["a", "b"])', /must not be less than the number of priority_keys/],
    ['replace_pattern(name, "(", "")', /is no regular expression/],
    ['replace_pattern(name, "a", "b", Nope)', /undefined converter "Nope"/],
    ['delete_index(attributes, 0)', /expected a list but got map/],
    ['IsMatch(name, "a")', /a statement begins with an editor/],
  ]
  for (const [statement, want] of cases) {
    test(statement, () => assert.throws(() => edited({}, statement), want))
  }
})
