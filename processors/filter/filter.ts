import { type Consumer, type Context, type Info, stateless } from '../../pipeline/component.ts'
import type { Batch } from '../../pipeline/data/batch.ts'
import type { Resource } from '../../pipeline/data/resource.ts'
import type { ContextName } from '../../pipeline/ottl/contexts.ts'
import { Frame, type Test } from '../../pipeline/ottl/frame.ts'
import { anyTrue, failuresOf } from '../../pipeline/ottl/run.ts'
import type { Walk } from '../../pipeline/ottl/walk.ts'
import type { Drop } from './conditions.ts'

/** Gives what is left, or nothing. */
type Step<B> = (batch: B, frame: Frame) => B | undefined

/** A test of what the frame holds, on the items of a context. */
export interface DropTest {
  readonly context: ContextName
  readonly drops: Test
}

export function testOf(ctx: Context, { context, conditions, errorMode }: Drop): DropTest {
  const onFailure = failuresOf(ctx, errorMode)
  return { context, drops: (frame) => anyTrue(conditions, frame, onFailure) }
}

interface KeepsResources<B> {
  keepResources(test: (resource: Resource) => boolean): B | undefined
}

/** Whole resources go: items are not decoded. */
export const resourceStep =
  <B extends KeepsResources<B>>({ drops }: DropTest): Step<B> =>
  (batch, frame) =>
    batch.keepResources((resource) => {
      frame.resource = resource
      frame.cache = []
      return !drops(frame)
    })

export function stepOf<R>(
  test: DropTest,
  walkOf: (context: ContextName) => Walk<R>,
): Step<Batch<R>> {
  if (test.context === 'resource') return resourceStep(test)
  const walk = walkOf(test.context)
  const visit = (seen: Frame) => !test.drops(seen)
  return (batch, frame) => batch.mapKept((data) => walk(data, frame, { visit, prune: true }))
}

interface Counted {
  readonly count: number
}

/** Hands on what no step drops; if nothing is left, nothing. `items` is how the Collector's counter calls them. */
export function processor<B extends Counted>(
  ctx: Context,
  items: 'spans' | 'datapoints' | 'logs' | 'profiles',
  steps: readonly Step<B>[],
  next: Consumer<B>,
) {
  const labels = { filter: ctx.id }
  const consume = async (batch: B, info: Info): Promise<void> => {
    const frame = new Frame()
    frame.info = info
    const left = steps.reduce<B | undefined>((kept, step) => kept && step(kept, frame), batch)
    const filtered = batch.count - (left?.count ?? 0)
    ctx.count('dropped_filtered', filtered)
    ctx.count(`filter_${items}_filtered`, filtered, labels)
    if (left !== undefined) await next.consume(left, info)
  }
  return { ...stateless, consume }
}
