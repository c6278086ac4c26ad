import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readJsonRequest, type Scanned, scanRequest } from '../data/request.ts'
import { logsCodec, metricsCodec, type SignalCodec, tracesCodec } from './signal_codec.ts'

/**
 * What SDKs sent: JavaScript 3.1, Python 1.45, Java 1.67 and Go 1.47, by the programs of test/interop.
 * Two spans, five metrics of a point each, one log record.
 */
const TESTDATA = fileURLToPath(new URL('../../../pipeline/codec/testdata/', import.meta.url))

const noLoss = (loss: string) => assert.fail(`lost: ${loss}`)

function batchOf<R>(scanned: Scanned<R>) {
  assert(scanned.kind === 'batch', JSON.stringify(scanned))
  return scanned.batch
}

function check<R>(codec: SignalCodec<R>, file: string, items: number): void {
  const content = readFileSync(TESTDATA + file)
  const isJson = file.endsWith('.json')
  const bytes = isJson ? content : Buffer.from(content.toString().replaceAll('\n', ''), 'hex')
  const read = () => batchOf((isJson ? readJsonRequest : scanRequest)(codec, bytes, noLoss))
  const batch = read()
  const resources = batch.resources()
  assert.equal(batch.count, items)

  const encoded = batch.map((data) => data).toProtobuf()
  assert.deepEqual(batchOf(scanRequest(codec, encoded, noLoss)).resources(), resources)
  const json = Buffer.from(batch.toJson())
  assert.deepEqual(batchOf(readJsonRequest(codec, json, noLoss)).resources(), resources)
  if (isJson) return
  assert.deepEqual(Buffer.from(read().toProtobuf()), bytes, 'untouched')
  assert.deepEqual(Buffer.from(encoded), bytes, 'decoded and encoded again')
}

describe('what SDKs sent is read, written again and read as the same', () => {
  const files = readdirSync(TESTDATA)
  test('there are 15', () => assert.equal(files.length, 15))
  for (const file of files) {
    test(file, () => {
      if (file.includes('_traces')) check(tracesCodec, file, 2)
      else if (file.includes('_metrics')) check(metricsCodec, file, 5)
      else check(logsCodec, file, 1)
    })
  }
})
