import { type Attribute, string, strings } from '../../pipeline/data/attributes.ts'
import {
  INSTANCE_LABEL,
  NAME_LABEL,
  OTEL_ANNOTATION,
  VERSION_LABEL,
} from '../../pipeline/k8s/naming.ts'
import type { Container, Pod } from '../../pipeline/k8s/pod.ts'
import { type Workload, workloadOf } from '../../pipeline/k8s/workload.ts'
import type { MetadataField } from './config.ts'
import { parseImage, repoDigest } from './image.ts'

/** What is known from elsewhere than the pod. */
export interface Surroundings {
  /** '' if they are not known. */
  readonly deploymentUid: string
  readonly cronJobUid: string
  readonly nodeUid: string
  readonly clusterUid: string
}

interface Subject {
  readonly pod: Pod
  readonly container: Container | undefined
  readonly workload: Workload | undefined
  readonly around: Surroundings
}

type Value = string | readonly string[]
type Read = (subject: Subject) => Value

const ofKind = (kind: Workload['kind'], key: 'name' | 'uid' | 'maker'): Read => {
  return ({ workload }) => (workload?.kind === kind ? workload[key] : '')
}
const image = ({ container }: Subject) => parseImage(container?.image ?? '')

const FIELDS: Readonly<Record<MetadataField, Read>> = {
  'k8s.namespace.name': ({ pod }) => pod.namespace,
  'k8s.pod.name': ({ pod }) => pod.name,
  'k8s.pod.uid': ({ pod }) => pod.uid,
  'k8s.pod.hostname': ({ pod }) => pod.hostname,
  'k8s.pod.ip': ({ pod }) => pod.ip,
  'k8s.pod.start_time': ({ pod }) => pod.startTime,
  'k8s.deployment.name': ofKind('replicaset', 'maker'),
  'k8s.deployment.uid': ({ around }) => around.deploymentUid,
  'k8s.replicaset.name': ofKind('replicaset', 'name'),
  'k8s.replicaset.uid': ofKind('replicaset', 'uid'),
  'k8s.daemonset.name': ofKind('daemonset', 'name'),
  'k8s.daemonset.uid': ofKind('daemonset', 'uid'),
  'k8s.statefulset.name': ofKind('statefulset', 'name'),
  'k8s.statefulset.uid': ofKind('statefulset', 'uid'),
  'k8s.job.name': ofKind('job', 'name'),
  'k8s.job.uid': ofKind('job', 'uid'),
  'k8s.cronjob.name': ofKind('job', 'maker'),
  'k8s.cronjob.uid': ({ around }) => around.cronJobUid,
  'k8s.node.name': ({ pod }) => pod.node,
  'k8s.node.uid': ({ around }) => around.nodeUid,
  'k8s.cluster.uid': ({ around }) => around.clusterUid,
  'k8s.container.name': ({ container }) => container?.name ?? '',
  'container.id': ({ container }) => container?.ids.get(container.restarts) ?? '',
  'container.image.name': (subject) => (subject.container ? image(subject).name : ''),
  'container.image.tag': (subject) => (subject.container ? image(subject).tag : ''),
  'container.image.tags': (subject) =>
    subject.container && image(subject).tag !== '' ? [image(subject).tag] : '',
  'container.image.repo_digests': ({ container }) => {
    const digest = repoDigest(container?.imageId ?? '')
    return digest === '' ? '' : [digest]
  },
  'service.name': serviceName,
  'service.namespace': ({ pod }) => serviceAnnotation(pod, 'namespace') || pod.namespace,
  'service.version': serviceVersion,
  'service.instance.id': ({ pod, container }) =>
    serviceAnnotation(pod, 'instance.id') ||
    (container ? `${pod.namespace}.${pod.name}.${container.name}` : ''),
}

const serviceAnnotation = ({ annotations }: Pod, key: string): string =>
  annotations[`${OTEL_ANNOTATION}service.${key}`] ?? ''

export const SERVICE_LABELS: readonly string[] = [INSTANCE_LABEL, NAME_LABEL, VERSION_LABEL]

/** Source: https://opentelemetry.io/docs/specs/semconv/non-normative/k8s-attributes/ */
function serviceName({ pod, workload, container }: Subject): string {
  return (
    serviceAnnotation(pod, 'name') ||
    pod.labels[INSTANCE_LABEL] ||
    pod.labels[NAME_LABEL] ||
    workload?.maker ||
    workload?.name ||
    pod.name ||
    (container?.name ?? '')
  )
}

function serviceVersion({ pod, container }: Subject): string {
  const said = serviceAnnotation(pod, 'version') || pod.labels[VERSION_LABEL]
  if (said !== undefined && said !== '') return said
  if (container === undefined) return ''
  const { tag, digest } = parseImage(container.image)
  return digest !== '' && tag !== '' ? `${tag}@${digest}` : tag || digest
}

/** The attributes of the fields that have a value. */
export function describePod(
  fields: readonly MetadataField[],
  pod: Pod,
  container: Container | undefined,
  around: Surroundings,
): Attribute[] {
  const subject = { pod, container, workload: workloadOf(pod), around }
  return fields.flatMap((field) => {
    const value = FIELDS[field](subject)
    if (value.length === 0) return []
    return [typeof value === 'string' ? string(field, value) : strings(field, value)]
  })
}
