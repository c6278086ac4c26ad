import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { takenBy } from './new_protocol_name.ts'

const ROOT = join(import.meta.dirname, '../..')
const taken = (name: string) => takenBy(name, (path) => readFileSync(join(ROOT, path), 'utf8'))

const TABLE = 'receivers/ebpf/protocols/table.ts has it already'

describe('the name of a new protocol', () => {
  const cases: [name: string, why: string | undefined][] = [
    ['gopher', undefined],
    // In a comment alone.
    ['answer', undefined],
    ['sample', TABLE],
    ['redis', TABLE],
    ['direction', TABLE],
    ['delete', "it is a word of TypeScript's own"],
    ['tls', 'bpf/include/events.h has PROTOCOL_TLS already'],
  ]
  for (const [name, why] of cases) test(name, () => assert.equal(taken(name), why))
})
