/**
 * Every option of every processor and connector has a golden case that shows something else without it, or stands in the
 * `elsewhere.yaml` of the component (README.md).
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { components } from '../../components.ts'
import type { Kind } from '../../config/registry.ts'
import { uncovered } from './uncovered.ts'

const KINDS: readonly Kind[] = ['processor', 'connector']

for (const listed of components.filter(({ kind }) => KINDS.includes(kind))) {
  test(`${listed.kind} ${listed.type} has its options tested`, async () =>
    assert.deepEqual(await uncovered(listed), []))
}
