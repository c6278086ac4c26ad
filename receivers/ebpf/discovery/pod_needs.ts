import type { Selector } from './selector.ts'

/** What selectors ask of Kubernetes. */
export interface PodNeeds {
  /** Something that the node itself does not tell. */
  readonly any: boolean
  /** Keys of labels and annotations that they look at. */
  readonly keys: ReadonlySet<string>
}

export function podNeedsOf(selectors: readonly Selector[]): PodNeeds {
  const any = selectors.some(
    ({ podOwner, podOwners, podLabels, podAnnotations }) =>
      podOwner ?? podOwners ?? podLabels ?? podAnnotations,
  )
  const keys = selectors.flatMap(({ podLabels, podAnnotations }) => [
    ...(podLabels?.keys() ?? []),
    ...(podAnnotations?.keys() ?? []),
  ])
  return { any, keys: new Set(keys) }
}
