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
  return action === 'copy' ? copying(walkOf(context)) : moving(walkOf(context))
}

/** What is taken is left as well, with what the statement has changed. */
const copying =
  <R>(walk: Walk<R>): Partition<Batch<R>> =>
  (batch, frame, takes) => {
    const answers: boolean[] = []
    const left = kept(walk, batch, frame, (seen) => {
      answers.push(takes(seen))
      return true
    })
    return { taken: left && kept(walk, left, frame, following(answers, true)), left }
  }

const moving =
  <R>(walk: Walk<R>): Partition<Batch<R>> =>
  (batch, frame, takes) => {
    const answers: boolean[] = []
    const taken = kept(walk, batch, frame, (seen) => {
      const answer = takes(seen)
      answers.push(answer)
      return answer
    })
    return { taken, left: kept(walk, batch, frame, following(answers, false)) }
  }

/** Without the items that `visit` refuses; undefined if nothing is left. */
const kept = <R>(
  walk: Walk<R>,
  batch: Batch<R>,
  frame: Frame,
  visit: (seen: Frame) => boolean,
): Batch<R> | undefined => batch.mapKept((data) => walk(data, frame, { visit, prune: true }))
