import { type Consumer, type Context, stateless } from '../../pipeline/component.ts'
import type { Batch } from '../../pipeline/data/batch.ts'
import type { Resource } from '../../pipeline/data/resource.ts'
import type { ContextName } from '../../pipeline/ottl/contexts.ts'
import { Frame } from '../../pipeline/ottl/frame.ts'
import { failuresOf, runProgram } from '../../pipeline/ottl/run.ts'
import type { Walk } from '../../pipeline/ottl/walk.ts'
import type { Group } from './config.ts'

type Step<B> = (batch: B, frame: Frame) => B

interface HasResources<B> {
  mapResources(change: (resource: Resource) => Resource): B
}

/** Resources alone: items pass undecoded. */
export function resourceStep<B extends HasResources<B>>(ctx: Context, group: Group): Step<B> {
  const onFailure = failuresOf(ctx, group.errorMode)
  return (batch, frame) =>
    batch.mapResources((resource) => {
      frame.resource = resource
      frame.cache = []
      runProgram(group, frame, onFailure)
      return frame.resource
    })
}

/** The schema URL is no part of a resource's own bytes. */
const seesSchema = ({ conditions, statements }: Group): boolean =>
  [...conditions, ...statements].some(({ text }) => text.includes('schema_url'))

export function stepOf<R>(
  ctx: Context,
  group: Group,
  walkOf: (context: ContextName) => Walk<R>,
): Step<Batch<R>> {
  if (group.context === 'resource' && !seesSchema(group)) return resourceStep(ctx, group)
  const walk = walkOf(group.context)
  const onFailure = failuresOf(ctx, group.errorMode)
  return (batch, frame) => {
    const visit = (seen: Frame) => {
      runProgram(group, seen, onFailure)
      return true
    }
    return batch.map((data) => walk(data, frame, { visit, prune: false }) ?? data)
  }
}

/** Runs all groups, one after the other, on each batch. */
export function processor<B>(steps: readonly Step<B>[], next: Consumer<B>) {
  const consume: Consumer<B>['consume'] = async (batch, info) => {
    const frame = new Frame()
    frame.info = info
    await next.consume(
      steps.reduce((changed, step) => step(changed, frame), batch),
      info,
    )
  }
  return { ...stateless, consume }
}
