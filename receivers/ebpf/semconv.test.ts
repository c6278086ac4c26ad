import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as stable from '@opentelemetry/semantic-conventions'
import * as incubating from '@opentelemetry/semantic-conventions/incubating'
import * as copied from './semconv.ts'

const published: Readonly<Record<string, unknown>> = { ...incubating }

for (const [name, value] of Object.entries(copied)) {
  test(`${name} is what the package has`, () => assert.equal(published[name], value))
}

test('what has become stable comes from the package', () => {
  assert.deepEqual(
    Object.keys(copied).filter((name) => name in stable),
    [],
  )
})
