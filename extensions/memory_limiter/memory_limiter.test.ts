import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { later, testContext } from '../../test/support/context.ts'
import { memoryLimiterExtension } from './factory.ts'

describe('memory_limiter extension', () => {
  test('watches from start to shutdown, and says what it does not do', async () => {
    const { ctx, lines, statuses } = testContext('memory_limiter')
    const settings = { check_interval: '1h', limit_mib: 1 }
    const extension = memoryLimiterExtension.create(
      ctx,
      memoryLimiterExtension.schema.parse(settings),
    )
    await extension.start()
    await extension.shutdown(later())
    assert.match(lines.join('\n'), /Memory limiter configured/)
    assert.match(lines.join('\n'), /refuses nothing by itself/)
    assert.deepEqual(
      statuses.map(({ kind }) => kind),
      ['recoverable_error'],
    )
  })

  test('needs an interval, as the processor does', () => {
    assert.throws(
      () => memoryLimiterExtension.schema.parse(undefined),
      /'check_interval' must be greater than zero/,
    )
  })
})
