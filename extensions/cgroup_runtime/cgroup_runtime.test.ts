import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { testContext } from '../../test/support/context.ts'
import { cgroupRuntime } from './factory.ts'

describe('cgroup_runtime', () => {
  test('says at the start that it changes nothing', async () => {
    const { ctx, lines } = testContext()
    const settings = {
      gomaxprocs: { enabled: false },
      gomemlimit: { ratio: 0.8, refresh_interval: '30s' },
    }
    await cgroupRuntime.create(ctx, cgroupRuntime.schema.parse(settings)).start()
    assert.match(lines.join(), /cgroup_runtime changes nothing/)
  })

  test('refuses a ratio that is none', () => {
    assert.throws(
      () => cgroupRuntime.schema.parse({ gomemlimit: { ratio: 1.5 } }),
      /gomemlimit ratio must be in the \(0.0,1.0\] range/,
    )
  })
})
