import { type Consumer, type Context, type Info, stateless } from '../../pipeline/component.ts'
import { joinErrors, pipelinesBehind } from '../../pipeline/node.ts'
import type { FailoverConfig } from './config.ts'

interface Level<B> {
  readonly target: Consumer<B>
  readonly number: number
  /** Milliseconds, monotonic; it is not tried before. */
  notBefore: number
}

/** Hands each batch to the first level that takes it. A level that failed is left alone for a while. */
export function failover<B>(ctx: Context, config: FailoverConfig, next: Consumer<B>) {
  const levels: readonly Level<B>[] = config.priority_levels.map((pipelines, number) => ({
    target: pipelinesBehind(next, pipelines),
    number,
    notBefore: Number.NEGATIVE_INFINITY,
  }))

  /** If all failed lately, all are tried again: better than to refuse unasked. */
  function candidates(): readonly Level<B>[] {
    const now = ctx.now()
    const ready = levels.filter(({ notBefore }) => notBefore <= now)
    return ready.length > 0 ? ready : levels
  }

  async function consume(batch: B, info: Info): Promise<void> {
    const errors: unknown[] = []
    for (const level of candidates()) {
      try {
        await level.target.consume(batch, info)
        level.notBefore = Number.NEGATIVE_INFINITY
        return
      } catch (error) {
        errors.push(error)
        level.notBefore = ctx.now() + config.retry_interval
        ctx.count('failures', 1, { level: String(level.number) })
        ctx.log.debug('a level failed', { level: level.number, error: String(error) })
      }
    }
    throw joinErrors(errors)
  }
  return { ...stateless, consume }
}
