import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { VERBS } from './verbs.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const NO_SOURCES = new Set(['node_modules', 'dist', 'build', '.git'])
const COMMAND = /\bweir ([a-z][a-z-]*) --([a-z-]+)/g

function* texts(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory() && !NO_SOURCES.has(entry.name)) yield* texts(path)
    else if (entry.isFile() && /\.(ts|md|cc|yaml)$/.test(entry.name))
      yield readFileSync(path, 'utf8')
  }
}

/** A hint that names what there is not is worse than none. */
test('each flag that hints and pages name is there', () => {
  const known = new Set(
    VERBS.flatMap(({ name, flags }) =>
      [...Object.keys(flags), 'help'].map((flag) => `${name} ${flag}`),
    ),
  )
  const named = [...texts(ROOT)].flatMap((text) =>
    [...text.matchAll(COMMAND)].map(([, verb, flag]) => `${verb} ${flag}`),
  )
  assert.ok(named.includes('doctor systemd'), 'the texts are read')
  assert.deepEqual(
    [...new Set(named)].filter((one) => !known.has(one)),
    [],
  )
})
