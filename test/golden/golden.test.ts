/**
 * Plays every case of every `golden` folder (README.md). `UPDATE_GOLDEN=1` writes into the cases what has come out.
 */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { visit } from 'yaml'
import { components } from '../../components.ts'
import type { Factory } from '../../pipeline/component.ts'
import { type GoldenCase, type GoldenFile, goldenFiles, ROOT } from './case.ts'
import { type Played, play } from './play.ts'

/** Characters. */
const LINE = 100
const UPDATE = process.env['UPDATE_GOLDEN'] === '1'

async function load({ kind, type, path }: GoldenFile): Promise<Factory> {
  const listed = components.find((one) => one.kind === kind && one.type === type)
  assert(listed !== undefined, `${path} lies in the folder of no ${kind}`)
  return await listed.load()
}

/** What a case says of what happens. */
const expected = (one: GoldenCase): Played => ({
  steps: (one.steps ?? []).map(({ out, refused }) => ({
    ...(out === undefined ? {} : { out }),
    ...(refused === undefined ? {} : { refused }),
  })),
  ...(one.end === undefined ? {} : { end: one.end }),
  ...(one.error === undefined ? {} : { error: one.error }),
  counts: one.counts ?? {},
  log: one.log ?? [],
})

/** Writes what happened into the case. */
function update(document: GoldenFile['document'], index: number, played: Played): void {
  const put = (path: readonly (string | number)[], value: string | object = '') => {
    if (Object.keys(value).length === 0) document.deleteIn([index, ...path])
    else document.setIn([index, ...path], document.createNode(value))
  }
  for (const [step, { out, refused }] of played.steps.entries()) {
    put(['steps', step, 'out'], out)
    put(['steps', step, 'refused'], refused)
  }
  put(['end'], played.end)
  put(['error'], played.error)
  put(['counts'], played.counts)
  put(['log'], played.log)
}

/** What fits on a line stands on one. */
function layOut({ document }: GoldenFile): string {
  visit(document, {
    Collection(_, node) {
      node.flow = JSON.stringify(node).length < LINE
    },
  })
  return document.toString({ lineWidth: 2 * LINE, flowCollectionPadding: false })
}

for (const file of goldenFiles()) {
  describe(file.path, () => {
    for (const [index, one] of file.cases.entries()) {
      test(one.name, async () => {
        const played = await play(await load(file), one, one.config)
        if (UPDATE) update(file.document, index, played)
        else assert.deepEqual(JSON.parse(JSON.stringify(played)), expected(one))
      })
    }
    if (UPDATE) {
      test('is written', () => writeFileSync(join(ROOT, file.path), layOut(file)))
    }
  })
}
