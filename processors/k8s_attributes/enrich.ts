import { type Attribute, type Attributes, string } from '../../pipeline/data/attributes.ts'
import { OTEL_ANNOTATION } from '../../pipeline/k8s/naming.ts'
import type { Container, Pod } from '../../pipeline/k8s/pod.ts'
import type { Found } from '../../pipeline/k8s/pods.ts'
import { textOf } from './association.ts'
import { type K8sConfig, METADATA, ORIGINS, type Origin } from './config.ts'
import { describePod } from './describe.ts'
import type { Kept } from './lookups.ts'
import type { Needs } from './needs.ts'
import type { Source } from './source.ts'

/** Adds to attributes of a resource what they lack; a value that is there stays, unless it is ''. */
export function addMissing(attributes: Attributes, more: readonly Attribute[]): Attributes {
  const present = new Set<string>()
  const empty = new Set<string>()
  for (const { key, value } of attributes) {
    if (value.kind === 'string' && value.value === '') empty.add(key)
    else present.add(key)
  }
  const added = new Map(more.filter(({ key }) => !present.has(key)).map((one) => [one.key, one]))
  if (added.size === 0) return attributes
  const kept = attributes.filter(({ key }) => !(empty.has(key) && added.has(key)))
  return [...kept, ...added.values()]
}

/** The attributes that a pod gives to the resources that are of it. */
export function enricher(config: K8sConfig, needs: Needs, source: Source) {
  const fields = METADATA.filter((field) => config.extract.metadata.includes(field))
  const rules = ORIGINS.map((from) => [from, needs.rules(from)] as const)
  const byRules = (pod: Pod) =>
    rules.flatMap(([from, { labels, annotations }]) => {
      const of = textsOf(source, pod, from)
      return of === undefined
        ? []
        : [...labels.attributes(of.labels), ...annotations.attributes(of.annotations)]
    })
  return (found: Found, attributes: Attributes): Attribute[] => {
    const { pod } = found
    const container = containerOf(found, attributes)
    return [
      ...(config.extract.otel_annotations ? announced(pod) : []),
      ...describePod(fields, pod, container, source.surroundings(pod)),
      ...byRules(pod),
    ]
  }
}

type Texts = Pick<Kept, 'labels' | 'annotations'>

function textsOf(source: Source, pod: Pod, from: Origin): Texts | undefined {
  if (from === 'pod') return pod
  if (from === 'namespace') return source.namespace(pod.namespace)
  if (from === 'node') return source.node(pod.node)
  const workload = source.workload(pod)
  return workload?.kind === from ? workload.kept : undefined
}

/** Attributes that the pod's own annotations name. */
const announced = ({ annotations }: Pod): Attribute[] =>
  Object.entries(annotations)
    .filter(([key]) => key.startsWith(OTEL_ANNOTATION))
    .map(([key, value]) => string(key.slice(OTEL_ANNOTATION.length), value))

/** By its id, its name, or since there is only one. Its state at another count of restarts has another id. */
function containerOf({ pod, container }: Found, attributes: Attributes): Container | undefined {
  const name = container ?? textOf(attributes, 'k8s.container.name')
  const [first, second] = pod.containers
  const found =
    name === ''
      ? second === undefined
        ? first
        : undefined
      : pod.containers.find((one) => one.name === name)
  const restarts = textOf(attributes, 'k8s.container.restart_count')
  if (found === undefined || !/^\d+$/.test(restarts)) return found
  return { ...found, restarts: Number(restarts) }
}
