import { type Consumer, type Context, type Info, stateless } from '../../pipeline/component.ts'
import type { Batch } from '../../pipeline/data/batch.ts'
import { joinErrors, pipelinesBehind } from '../../pipeline/node.ts'
import type { ContextName, OttlSignal } from '../../pipeline/ottl/contexts.ts'
import { Frame } from '../../pipeline/ottl/frame.ts'
import { failuresOf } from '../../pipeline/ottl/run.ts'
import type { Walk } from '../../pipeline/ottl/walk.ts'
import { compileRoute } from './compile.ts'
import type { RouteConfig, RoutingConfig } from './config.ts'
import { type Parts, partitionOf } from './partition.ts'
import { parseRequestCondition } from './request.ts'

interface Route<B> {
  readonly divide: (batch: B, frame: Frame) => Parts<B>
  readonly target: Consumer<B>
}

function dividerOf<R>(
  ctx: Context,
  signal: OttlSignal,
  route: RouteConfig,
  mode: RoutingConfig['error_mode'],
  walkOf: (context: ContextName) => Walk<R>,
): Route<Batch<R>>['divide'] {
  if (route.context === 'request') {
    const matches = parseRequestCondition(route.condition)
    const left = <B>(batch: B) => (route.action === 'copy' ? batch : undefined)
    return (batch, { info }) =>
      matches?.(info) === true
        ? { taken: batch, left: left(batch) }
        : { taken: undefined, left: batch }
  }
  const takes = compileRoute(signal, route, failuresOf(ctx, mode))
  const partition = partitionOf(route.context, route.action, walkOf)
  return (batch, frame) => partition(batch, frame, takes)
}

/** Hands what each route takes to its pipelines, and the rest to the default ones. */
export function routing<R>(
  ctx: Context,
  signal: OttlSignal,
  config: RoutingConfig,
  walkOf: (context: ContextName) => Walk<R>,
  next: Consumer<Batch<R>>,
) {
  const routes: readonly Route<Batch<R>>[] = config.table.map((route) => ({
    divide: dividerOf(ctx, signal, route, config.error_mode, walkOf),
    target: pipelinesBehind(next, route.pipelines),
  }))
  const rest =
    config.default_pipelines.length > 0 && pipelinesBehind(next, config.default_pipelines)

  function divide(batch: Batch<R>, info: Info): readonly [Batch<R>, Consumer<Batch<R>>][] {
    const frame = new Frame()
    frame.info = info
    const found: [Batch<R>, Consumer<Batch<R>>][] = []
    let left: Batch<R> | undefined = batch
    for (const route of routes) {
      if (left === undefined) break
      const parts: Parts<Batch<R>> = route.divide(left, frame)
      if (parts.taken !== undefined) found.push([parts.taken, route.target])
      left = parts.left
    }
    if (left !== undefined && rest) found.push([left, rest])
    else if (left !== undefined) ctx.count('dropped_unrouted', left.count)
    return found
  }

  /** All parts are sent, even if one is refused. */
  async function consume(batch: Batch<R>, info: Info): Promise<void> {
    const errors: unknown[] = []
    for (const [part, target] of divide(batch, info)) {
      try {
        await target.consume(part, info)
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 0) throw joinErrors(errors)
  }
  return { ...stateless, consume }
}
