import { mock } from 'node:test'
import type { TraceBatch } from '../../pipeline/data/batch.ts'
import { testContext } from '../../test/support/context.ts'
import { tailSampling } from './factory.ts'

/** A processor whose time passes only by `pass`. End the test with `mock.timers.reset()`. */
export function started(config: object, answer: () => Promise<void> = () => Promise.resolve()) {
  mock.timers.enable({ apis: ['setTimeout'] })
  let now = 0
  const context = testContext('tail_sampling', () => now)
  const sent: TraceBatch[] = []
  const create = tailSampling.create.traces
  const processor = create?.(context.ctx, tailSampling.schema.parse(config), {
    consume: (batch) => {
      sent.push(batch)
      return answer()
    },
  })
  if (processor === undefined) throw new Error('no processor')
  const spans = () =>
    sent.flatMap((batch) =>
      batch.resources().flatMap(({ scopeSpans }) => scopeSpans.flatMap((one) => one.spans)),
    )
  return {
    ...context,
    processor,
    /** Ids of traces that were sent on, each once, in order. */
    kept: () => [...new Set(spans().map(({ traceId }) => traceId))],
    /** Names of spans that were sent on. */
    names: () => spans().map(({ name }) => name),
    /** Lets milliseconds pass, and what became due happen. */
    async pass(ms: number) {
      for (let left = ms; left > 0; left -= STEP_MS) {
        now += Math.min(STEP_MS, left)
        mock.timers.tick(Math.min(STEP_MS, left))
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
  }
}

const STEP_MS = 50
