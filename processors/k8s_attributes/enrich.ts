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

/** The attributes that a pod gives to the resources that are of it; without one those of the namespace and node that they name. */
export function enricher(config: K8sConfig, needs: Needs, source: Source) {
  const { metadata, otel_annotations } = config.extract
  const fields = METADATA.filter((field) => metadata.includes(field))
  const rules = ORIGINS.map((from) => [from, needs.rules(from)] as const)
  const byRules = (textsFrom: (from: Origin) => Texts | undefined) =>
    rules.flatMap(([from, { labels, annotations }]) => {
      const of = textsFrom(from)
      return of === undefined
        ? []
        : [...labels.attributes(of.labels), ...annotations.attributes(of.annotations)]
    })
  const ofNames = (attributes: Attributes): Attribute[] => {
    const namespace = textOf(attributes, 'k8s.namespace.name')
    const node = source.node(textOf(attributes, 'k8s.node.name'))
    const named: Partial<Record<Origin, Texts | undefined>> = {
      namespace: source.namespace(namespace),
      node,
    }
    return [
      ...(namespace !== '' && metadata.includes('service.namespace')
        ? [string('service.namespace', namespace)]
        : []),
      ...(node !== undefined && metadata.includes('k8s.node.uid')
        ? [string('k8s.node.uid', node.uid)]
        : []),
      ...byRules((from) => named[from]),
    ]
  }
  return (found: Found | undefined, attributes: Attributes): Attribute[] => {
    if (found === undefined) return ofNames(attributes)
    const { pod } = found
    const container = containerOf(found, attributes)
    return [
      ...(otel_annotations ? announced(pod) : []),
      ...describePod(fields, pod, container, source.surroundings(pod)),
      ...byRules((from) => textsOf(source, pod, from)),
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
