import type { Batch } from '../../pipeline/data/batch.ts'
import type { ContextName } from '../../pipeline/ottl/contexts.ts'
import type { Frame } from '../../pipeline/ottl/frame.ts'
import type { Walk } from '../../pipeline/ottl/walk.ts'

/** What a route takes of a batch, and what it leaves. */
export interface Parts<B> {
  readonly taken: B | undefined
  readonly left: B | undefined
}

export type Partition<B> = (batch: B, frame: Frame, takes: (frame: Frame) => boolean) => Parts<B>

type Action = 'move' | 'copy'

/** By whole resources; items are not decoded. */
function byResource<R>(
  batch: Batch<R>,
  frame: Frame,
  takes: (frame: Frame) => boolean,
  action: Action,
): Parts<Batch<R>> {
  const answers: boolean[] = []
  const changed = batch.mapResources((resource) => {
    frame.resource = resource
    frame.cache = []
    answers.push(takes(frame))
    return frame.resource
  })
  return {
    taken: changed.keepResources(following(answers, true)),
    left: action === 'copy' ? changed : changed.keepResources(following(answers, false)),
  }
}

/** Gives the answers one after the other. */
function following(answers: readonly boolean[], wanted: boolean): () => boolean {
  let at = 0
  return () => answers[at++] === wanted
}

/** By items of a context; resources and scopes of both parts are the same. */
export function partitionOf<R>(
  context: ContextName,
  action: Action,
  walkOf: (context: ContextName) => Walk<R>,
): Partition<Batch<R>> {
  if (context === 'resource') {
    return (batch, frame, takes) => byResource(batch, frame, takes, action)
  }
  const walk = walkOf(context)
  return (batch, frame, takes) => {
    const answers: boolean[] = []
    if (action === 'copy') {
      const note = (seen: Frame) => answers.push(takes(seen)) > 0
      const all = batch.mapKept((data) => walk(data, frame, { visit: note, prune: true }))
      const visit = following(answers, true)
      return { taken: all?.mapKept((data) => walk(data, frame, { visit, prune: true })), left: all }
    }
    const visit = (seen: Frame) => {
      const answer = takes(seen)
      answers.push(answer)
      return answer
    }
    const taken = batch.mapKept((data) => walk(data, frame, { visit, prune: true }))
    const others = following(answers, false)
    const left = batch.mapKept((data) => walk(data, frame, { visit: others, prune: true }))
    return { taken, left }
  }
}
