import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { afterEach, describe, mock, test } from 'node:test'
import { tracesCodec } from '../../pipeline/codec/signal_codec.ts'
import { readJsonRequest } from '../../pipeline/data/request.ts'
import { started } from './testing.ts'

/** Which traces the Collector's own processor, v0.159, kept of those in the lines before. */
interface Recorded {
  readonly config: Readonly<Record<string, unknown>>
  readonly kept: readonly string[]
}

const FILE = new URL(
  '../../../processors/tail_sampling/testdata/collector_0.159.jsonl',
  import.meta.url,
)
const lines = readFileSync(FILE, 'utf8').trimEnd().split('\n')
const traces = lines.filter((line) => line.startsWith('{"resourceSpans"'))
const recorded = lines
  .filter((line) => !traces.includes(line))
  .map((line) => JSON.parse(line) as Recorded)

function read(line: string) {
  const scanned = readJsonRequest(tracesCodec, Buffer.from(line), () => undefined)
  if (scanned.kind === 'invalid') throw new Error(scanned.reason)
  return scanned.batch
}

afterEach(() => mock.timers.reset())

describe("the Collector's decisions", () => {
  for (const { config, kept } of recorded) {
    test(JSON.stringify(config), async () => {
      const run = started({ ...config, decision_wait: '1s' })
      for (const line of traces) await run.processor.consume(read(line), {})
      await run.pass(1500)
      assert.deepEqual(run.kept().sort(), kept)
    })
  }
})
