import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const SCRIPT = fileURLToPath(new URL('./new_component.js', import.meta.url))

const rows: readonly [name: string, argv: string[], said: RegExp][] = [
  ['nothing', [], /^usage: npm run new:component KIND NAME\n/],
  ['a kind that there is not', ['procesor', 'x'], /^usage: /],
  ['a name that YAML would not have', ['processor', 'Bad-Name'], /^usage: /],
  [
    'one that is there',
    ['processor', 'batch'],
    /^new:component processor batch: processors\/batch is there already\n$/,
  ],
]

describe('new:component, asked for', () => {
  for (const [name, argv, said] of rows) {
    test(name, () => {
      const { status, stderr } = spawnSync(process.execPath, [SCRIPT, ...argv], {
        encoding: 'utf8',
      })
      assert.match(stderr, said)
      assert.equal(status, 2)
    })
  }
})
