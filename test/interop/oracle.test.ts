import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { after, before, describe, test } from 'node:test'
import type { SignalCodec } from '../../pipeline/codec/signal_codec.ts'
import { logsCodec, metricsCodec, tracesCodec } from '../../pipeline/codec/signal_codec.ts'
import { type Batch, logBatch, metricBatch, traceBatch } from '../../pipeline/data/batch.ts'
import { readJsonRequest, type Scanned, scanRequest } from '../../pipeline/data/request.ts'
import { full } from '../size.ts'
import { anyResourceLogs, anyResourceMetrics, anyResourceSpans } from '../support/arbitraries.ts'
import { fc } from '../support/fast_check.ts'
import { interopFile, pythonWithOtlp } from '../support/sdks.ts'

interface Answer {
  /** Bytes in fields that Python does not know. */
  readonly unknown: number
  /** Whether our JSON says something else than our protobuf. */
  readonly jsonDiffers: boolean
  readonly protobuf: string
  readonly json: string
}

/** oracle.py, asked one request after the other. */
async function startOracle() {
  const { command, env } = await pythonWithOtlp()
  const child = spawn(command, [interopFile('oracle.py')], {
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    ask: async (signal: string, batch: Batch<unknown>): Promise<Answer> => {
      const protobuf = Buffer.from(batch.toProtobuf()).toString('base64')
      child.stdin.write(`${JSON.stringify({ signal, protobuf, json: batch.toJson() })}\n`)
      const { value, done } = await lines.next()
      assert(done !== true, 'oracle.py has ended')
      return JSON.parse(value) as Answer
    },
    stop: async () => {
      child.stdin.end()
      await once(child, 'exit')
    },
  }
}

function resourcesOf<R>(scanned: Scanned<R>): readonly R[] {
  assert(scanned.kind === 'batch', JSON.stringify(scanned))
  return scanned.batch.resources()
}

const noLoss = (loss: string) => assert.fail(`lost: ${loss}`)

describe("what OpenTelemetry's Python classes read is what weir wrote, and back", () => {
  let oracle: Awaited<ReturnType<typeof startOracle>>
  before(async () => {
    oracle = await startOracle()
  })
  after(() => oracle.stop())

  const numRuns = full ? 2000 : 100

  function suite<R>(
    codec: SignalCodec<R>,
    resources: fc.Arbitrary<R>,
    batchOf: (data: readonly R[]) => Batch<R>,
  ): void {
    test(codec.signal, async () => {
      const lists = fc.array(resources, { maxLength: 2 })
      const property = fc.asyncProperty(lists, async (list) => {
        const { unknown, jsonDiffers, protobuf, json } = await oracle.ask(
          codec.signal,
          batchOf(list),
        )
        assert.deepEqual({ unknown, jsonDiffers }, { unknown: 0, jsonDiffers: false })
        const bytes = Buffer.from(protobuf, 'base64')
        assert.deepEqual(resourcesOf(scanRequest(codec, bytes, noLoss)), list)
        assert.deepEqual(resourcesOf(readJsonRequest(codec, Buffer.from(json), noLoss)), list)
      })
      await fc.assert(property, { numRuns })
    })
  }

  suite(tracesCodec, anyResourceSpans, traceBatch)
  suite(metricsCodec, anyResourceMetrics, metricBatch)
  suite(logsCodec, anyResourceLogs, logBatch)
})
