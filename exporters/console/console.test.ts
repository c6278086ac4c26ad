import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { later, testContext } from '../../test/support/context.ts'
import { spans } from '../../test/support/telemetry.ts'
import { ConsoleExporter } from './console.ts'
import { plain } from './line.ts'

describe('console', () => {
  test('one line for each span', async () => {
    let text = ''
    const { ctx, count } = testContext('console')
    const write = (bytes: Uint8Array) => {
      text += Buffer.from(bytes).toString()
      return bytes.length
    }
    const exporter = new ConsoleExporter(ctx, () => ({ write, close: () => undefined }), plain)
    await exporter.start()
    await exporter.consume(spans(3))
    await exporter.shutdown(later())
    assert.equal(text.split('\n').length, 4)
    assert.match(text, /shop .* span 0 .*\n.* span 1 .*\n.* span 2 /)
    assert.equal(count('sent_spans'), 3)
  })

  test('a closed standard output is said once and then counted', async () => {
    const { ctx, count, lines, statuses } = testContext('console')
    const write = () => {
      throw Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })
    }
    const exporter = new ConsoleExporter(ctx, () => ({ write, close: () => undefined }), plain)
    await exporter.start()
    await exporter.consume(spans(3))
    await exporter.consume(spans(2))
    await exporter.shutdown(later())
    assert.equal(count('dropped_output_slow_or_closed'), 5)
    assert.equal(count('sent_spans'), 0)
    assert.equal(lines.length, 1)
    assert.equal(statuses[0]?.kind, 'permanent_error')
  })
})
