import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { resultOf } from '../functions/testing.ts'

type Line = readonly [pattern: string, line: string, want: Readonly<Record<string, unknown>>]

/** For tests: each line as its product writes it, and what the pattern finds in it. */
export function testLines(name: string, lines: readonly Line[]): void {
  describe(name, () => {
    for (const [pattern, line, want] of lines) {
      test(`${pattern}: ${line.slice(0, 40)}`, () => {
        const call = `ExtractGrokPatterns(attributes["text"], "%{${pattern}}", true)`
        assert.deepEqual(resultOf(call, { text: line }), want)
      })
    }
  })
}
