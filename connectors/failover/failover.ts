import {
  type BatchOf,
  type Consumer,
  type Context,
  type Info,
  type Signal,
  stateless,
} from '../../pipeline/component.ts'
import { ExporterHelper } from '../../pipeline/exporter_helper.ts'
import { warnUnused } from '../../pipeline/net/unused.ts'
import { joinErrors, pipelinesBehind } from '../../pipeline/node.ts'
import { retryFieldsOff } from '../../pipeline/retry.ts'
import type { FailoverConfig } from './config.ts'

/** What no level takes out of a queue is lost, as in the Collector. */
const NO_RETRY = retryFieldsOff.parse({})

interface Level<B> {
  readonly target: Consumer<B>
  readonly number: number
  /** Milliseconds, monotonic; it is not tried before. */
  notBefore: number
}

/** The levels, behind a queue if there shall be one. */
export function failover<S extends Signal>(
  ctx: Context,
  signal: S,
  config: FailoverConfig,
  next: Consumer<BatchOf[S]>,
) {
  const { sending_queue: queue, retry_gap, max_retries } = config
  warnUnused(ctx.log, { retry_gap, max_retries })
  const levels = levelsOf(ctx, config, next)
  if (queue === undefined) return levels
  return new ExporterHelper<BatchOf[S]>(
    ctx,
    signal,
    { timeoutMs: 0, queue, retry: NO_RETRY },
    {
      send: (batch, signal, client) => levels.consume(batch, { signal, ...(client && { client }) }),
    },
  )
}

/** Hands each batch to the first level that takes it. A level that failed is left alone for a while. */
function levelsOf<B>(ctx: Context, config: FailoverConfig, next: Consumer<B>) {
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
