import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listedSkips } from './test_skips.ts'

type Case = [name: string, text: string, want: string[]]
const cases: Case[] = [
  ['none', '# Kernels\n\n## Skips\n\nNone.\n', []],
  ['one with its reason', '## Skips\n\n- `probe points`: disassembles x86-64\n', ['probe points']],
  ['one without a reason', '## Skips\n\n- `probe points`:\n', []],
  [
    'other sections do not count',
    '- `a`: b\n\n## Skips\n\n- `c`: d\n\n## More\n\n- `e`: f\n',
    ['c'],
  ],
  ['no section', '- `a`: b\n', []],
]

for (const [name, text, want] of cases) {
  test(name, () => assert.deepEqual([...listedSkips(text)], want))
}

test('the list of this checkout can be read', () => assert.ok(listedSkips().size > 0))
