import assert from 'node:assert/strict'
import { describe, mock, test } from 'node:test'
import { RefusedError } from './component.ts'
import { type DropReason, GaveUpError, Retry, retryFields } from './retry.ts'

const DEFAULTS = retryFields.parse({})

/** Runs attempts that end as `outcomes` say (undefined is success); each wait passes at once. */
async function run(
  outcomes: readonly (Error | undefined)[],
  config: Partial<typeof DEFAULTS> = {},
  random = 0.5,
) {
  mock.timers.enable({ apis: ['setTimeout', 'Date'] })
  const waits: number[] = []
  let attempts = 0
  const retry = new Retry(
    { ...DEFAULTS, ...config },
    {
      now: () => Date.now(),
      random: () => random,
      onRetry(_error, waitMs) {
        waits.push(waitMs)
        setImmediate(() => mock.timers.tick(waitMs))
      },
    },
  )
  try {
    await retry.run(() => {
      const outcome = outcomes[attempts++]
      return outcome === undefined ? Promise.resolve() : Promise.reject(outcome)
    })
    return { waits, attempts, reason: undefined }
  } catch (error) {
    assert(error instanceof GaveUpError)
    return { waits, attempts, reason: error.reason, cause: error.cause }
  } finally {
    mock.timers.reset()
  }
}

const refused = (retryAfterMs?: number) =>
  new RefusedError('busy', retryAfterMs === undefined ? {} : { retryAfterMs })

describe('Retry', () => {
  test('waits longer each time, up to max_interval', async () => {
    const { waits, attempts } = await run([refused(), refused(), refused(), refused(), undefined], {
      max_interval: 10_000,
    })
    assert.deepEqual(waits, [5000, 7500, 10_000, 10_000])
    assert.equal(attempts, 5)
  })

  test('by multiplier, exactly with a randomization_factor of 0', async () => {
    const settings = { multiplier: 3, randomization_factor: 0 }
    const { waits } = await run([refused(), refused(), undefined], settings, 1)
    assert.deepEqual(waits, [5000, 15_000])
  })

  test('spreads a wait by the randomization factor, on both sides', async () => {
    assert.deepEqual((await run([refused(), undefined], {}, 0)).waits, [2500])
    assert.deepEqual((await run([refused(), undefined], {}, 1)).waits, [7500])
  })

  test("takes the server's wait if it is longer, and only then", async () => {
    const { waits } = await run([refused(60_000), refused(1), undefined])
    assert.deepEqual(waits, [60_000, 7500])
  })

  const given: [
    name: string,
    outcomes: (Error | undefined)[],
    config: object,
    reason: DropReason,
  ][] = [
    ['a permanent error', [new Error('bad data')], {}, 'permanent_error'],
    ['retry_on_failure off', [refused()], { enabled: false }, 'retry_disabled'],
    [
      'a wait that would end after max_elapsed_time',
      [refused(), refused()],
      { max_elapsed_time: 9000 },
      'retries_exhausted',
    ],
  ]
  for (const [name, outcomes, config, reason] of given) {
    test(`gives up on ${name}`, async () => {
      const result = await run(outcomes, config)
      assert.equal(result.reason, reason)
      assert.equal(result.attempts, outcomes.length)
      assert.equal(result.cause, outcomes.at(-1))
    })
  }

  test('0 as max_elapsed_time never gives up', async () => {
    const { attempts } = await run([...Array(200).fill(refused()), undefined], {
      max_elapsed_time: 0,
    })
    assert.equal(attempts, 201)
  })

  test('stop ends a wait at once', async () => {
    const waiting = Promise.withResolvers<void>()
    const retry = new Retry(DEFAULTS, {
      now: () => 0,
      random: () => 0.5,
      onRetry: () => waiting.resolve(),
    })
    const running = retry.run(() => Promise.reject(refused()))
    await waiting.promise
    retry.stop()
    await assert.rejects(
      running,
      (error) => error instanceof GaveUpError && error.reason === 'shutdown',
    )
  })
})

describe('retryFields', () => {
  test('refuses a max_elapsed_time below initial_interval, even if it is off', () => {
    assert.throws(
      () => retryFields.parse({ enabled: false, max_elapsed_time: '1s' }),
      /'max_elapsed_time' must not be less than 'initial_interval'/,
    )
  })
})
