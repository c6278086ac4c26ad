import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Conversation, CUTS, type PlayOptions } from './chunk_play.ts'

/** What was said, and the spans that it gives, a line each. */
export type Case = readonly [name: string, conversation: Conversation, spans: readonly string[]]

/** Plays each case turn by turn, and all of them cut anywhere; `lines` gives the spans of a conversation. */
export function testCases(
  cases: readonly Case[],
  lines: (conversation: Conversation, options?: PlayOptions) => readonly string[],
): void {
  for (const [name, conversation, spans] of cases) {
    test(name, () => assert.deepEqual(lines(conversation), spans))
  }

  test('cut anywhere, it is the same', () => {
    for (const [name, conversation, spans] of cases) {
      for (const cut of CUTS)
        assert.deepEqual(lines(conversation, { cut }), spans, `${name}, ${cut}`)
    }
  })
}
