/**
 * Every option of every processor and connector has a golden case that shows something else without it, or stands in the
 * `elsewhere.yaml` of the component; options of the other components all stand there (README.md).
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { components } from '../../components.ts'
import { uncovered } from './uncovered.ts'

for (const listed of components) {
  test(`${listed.kind} ${listed.type} has its options tested`, async () =>
    assert.deepEqual(await uncovered(listed), []))
}
