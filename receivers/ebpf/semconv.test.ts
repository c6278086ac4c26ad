import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as incubating from '@opentelemetry/semantic-conventions/incubating'
import * as copied from './semconv.ts'

const published: Readonly<Record<string, unknown>> = { ...incubating }

for (const [name, value] of Object.entries(copied)) {
  test(`${name} is what the package has`, () => assert.equal(published[name], value))
}
