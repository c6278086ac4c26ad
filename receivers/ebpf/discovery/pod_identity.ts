import { OTEL_ANNOTATION } from '../../../pipeline/k8s/naming.ts'
import type { PodFacts } from './pod_facts.ts'

/** Labels of pods that name a service, the first that is there. */
export interface ServiceLabels {
  readonly 'service.name': readonly string[]
  readonly 'service.namespace': readonly string[]
  readonly 'service.version': readonly string[]
}

export const NO_LABELS: ServiceLabels = {
  'service.name': [],
  'service.namespace': [],
  'service.version': [],
}

/** What a pod says of its service, and where. */
export interface Said {
  readonly text: string
  /** In words. */
  readonly rule: string
}

/** An annotation wins over labels; undefined if neither says it. */
export function saidByPod(
  pod: PodFacts | undefined,
  attribute: keyof ServiceLabels,
  labels: ServiceLabels,
): Said | undefined {
  if (pod === undefined) return undefined
  const annotation = OTEL_ANNOTATION + attribute
  const text = pod.annotations[annotation]
  if (text) return { text, rule: `annotation ${annotation} of the pod` }
  const label = labels[attribute].find((key) => pod.labels[key])
  return label === undefined
    ? undefined
    : { text: pod.labels[label] ?? '', rule: `label ${label} of the pod` }
}

/** What the annotations of a pod say of its resource, by attribute. */
export const announced = ({ annotations }: PodFacts): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(annotations)
      .filter(([key, text]) => key.startsWith(OTEL_ANNOTATION) && text !== '')
      .map(([key, text]) => [key.slice(OTEL_ANNOTATION.length), text]),
  )
