import { readFileSync } from 'node:fs'
import { arch, hostname } from 'node:os'
import {
  ATTR_CONTAINER_ID,
  ATTR_K8S_CLUSTER_NAME,
  ATTR_K8S_CONTAINER_NAME,
  ATTR_K8S_NAMESPACE_NAME,
  ATTR_K8S_NODE_NAME,
  ATTR_K8S_POD_NAME,
  ATTR_K8S_POD_UID,
  ATTR_SERVICE_INSTANCE_ID,
  ATTR_SERVICE_NAME,
  ATTR_SERVICE_NAMESPACE,
  ATTR_SERVICE_VERSION,
  ATTR_TELEMETRY_DISTRO_NAME,
  ATTR_TELEMETRY_DISTRO_VERSION,
  ATTR_TELEMETRY_SDK_LANGUAGE,
  ATTR_TELEMETRY_SDK_NAME,
  ATTR_TELEMETRY_SDK_VERSION,
} from '@opentelemetry/semantic-conventions'
import { type Attribute, int, string } from '../../pipeline/data/attributes.ts'
import type { Resource } from '../../pipeline/data/resource.ts'
import type { ContainerNames } from './discovery/container_names.ts'
import type { Description } from './discovery/description.ts'
import { parseResourceAttributes } from './discovery/environment.ts'
import type { Identity } from './discovery/identity.ts'
import { OWNER_KINDS, type PodFacts } from './discovery/pod_facts.ts'
import { announced } from './discovery/pod_identity.ts'
import type { Process } from './discovery/process.ts'
import { executableName } from './discovery/script.ts'
import {
  ATTR_CONTAINER_NAME,
  ATTR_HOST_ARCH,
  ATTR_HOST_ID,
  ATTR_HOST_NAME,
  ATTR_OS_TYPE,
  ATTR_PROCESS_CREATION_TIME,
  ATTR_PROCESS_EXECUTABLE_BUILD_ID_GNU,
  ATTR_PROCESS_EXECUTABLE_NAME,
  ATTR_PROCESS_EXECUTABLE_PATH,
  ATTR_PROCESS_PARENT_PID,
  ATTR_PROCESS_PID,
  ATTR_PROCESS_RUNTIME_NAME,
  ATTR_PROCESS_RUNTIME_VERSION,
} from './semconv.ts'

/** What all resources of one host share. */
export interface Host {
  readonly name: string
  /** '' when the machine has none. */
  readonly id: string
  /** As OpenTelemetry names it: `amd64`, `arm64`. */
  readonly arch: string
}

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: 'x86' }

/** This host. `host.id` is the machine id, as OpenTelemetry asks of machines that are no cloud's. */
export function readHost(): Host {
  const id = ['/etc/machine-id', '/var/lib/dbus/machine-id'].map(readTrimmed).find(Boolean) ?? ''
  return { name: hostname(), id, arch: ARCHITECTURES[arch()] ?? arch() }
}

function readTrimmed(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return ''
  }
}

/** What is known of a process whose resource is asked for. */
export interface ProcessFacts {
  readonly process: Process
  readonly description: Description
  readonly identity: Identity
  /** When it started to run its program, in milliseconds since 1970. */
  readonly startedMs: number
  /** Undefined: it is in none that Kubernetes has told of. */
  readonly pod: PodFacts | undefined
  /** '' if nobody has said it. */
  readonly clusterName: string
}

/**
 * What a process is, for its spans. What the process was told of itself in `OTEL_RESOURCE_ATTRIBUTES` comes over what weir
 * finds. Arguments stay out: secrets are passed in them.
 */
export function processResource(facts: ProcessFacts, host: Host, version: string): Resource {
  const found = [
    ...serviceAttributes(facts, host),
    ...processAttributes(facts),
    ...placeAttributes(facts, host),
    string(ATTR_TELEMETRY_SDK_NAME, 'weir'),
    string(ATTR_TELEMETRY_SDK_LANGUAGE, facts.description.runtime.language),
    string(ATTR_TELEMETRY_SDK_VERSION, version),
    string(ATTR_TELEMETRY_DISTRO_NAME, 'weir'),
    string(ATTR_TELEMETRY_DISTRO_VERSION, version),
  ]
  const { env } = facts.process
  const told = new Map([
    ...(facts.pod === undefined ? [] : announcedOf(facts.pod)),
    ...parseResourceAttributes(env.get('OTEL_RESOURCE_ATTRIBUTES') ?? ''),
  ])
  const attributes = found.filter(
    ({ key, value }) =>
      (key === ATTR_SERVICE_NAME || !told.has(key)) &&
      !(value.kind === 'string' && value.value === ''),
  )
  for (const [key, value] of told) {
    if (key !== ATTR_SERVICE_NAME) attributes.push(string(key, value))
  }
  return { attributes, droppedAttributesCount: 0 }
}

/** Without what has gone into the identity, with other sources. */
const announcedOf = (pod: PodFacts): (readonly [string, string])[] =>
  [...announced(pod)].filter(([key]) => !IDENTITY.has(key))

const IDENTITY = new Set<string>([ATTR_SERVICE_NAME, ATTR_SERVICE_NAMESPACE, ATTR_SERVICE_VERSION])

function serviceAttributes({ process, identity, ...facts }: ProcessFacts, host: Host): Attribute[] {
  const { name, namespace, version } = identity
  const container = containerOf(facts)
  const instance =
    container.podName === ''
      ? `${host.name}:${process.tgid}`
      : `${container.namespace}.${container.podName}.${container.name}`
  return [
    string(ATTR_SERVICE_NAME, name),
    string(ATTR_SERVICE_NAMESPACE, namespace),
    string(ATTR_SERVICE_VERSION, version),
    string(ATTR_SERVICE_INSTANCE_ID, instance),
  ]
}

const processAttributes = ({ process, description, startedMs }: ProcessFacts): Attribute[] => [
  int(ATTR_PROCESS_PID, process.tgid),
  int(ATTR_PROCESS_PARENT_PID, process.parent),
  string(ATTR_PROCESS_CREATION_TIME, startedMs > 0 ? new Date(startedMs).toISOString() : ''),
  string(ATTR_PROCESS_EXECUTABLE_NAME, executableName(process)),
  string(ATTR_PROCESS_EXECUTABLE_PATH, process.exePath),
  string(ATTR_PROCESS_EXECUTABLE_BUILD_ID_GNU, description.executable.buildId),
  string(ATTR_PROCESS_RUNTIME_NAME, description.runtime.name),
  string(ATTR_PROCESS_RUNTIME_VERSION, description.runtime.version),
]

/** The node's own files tell it, else Kubernetes. */
function containerOf({
  description: { container },
  pod,
}: Pick<ProcessFacts, 'description' | 'pod'>): ContainerNames {
  if (pod === undefined || container.podName !== '') return container
  return { name: pod.container, podName: pod.name, namespace: pod.namespace }
}

const ownerAttributes = (pod: PodFacts | undefined): Attribute[] =>
  OWNER_KINDS.map((kind) => string(`k8s.${kind}.name`, pod?.owners[kind] ?? ''))

function placeAttributes(facts: ProcessFacts, host: Host): Attribute[] {
  const { process, pod, clusterName } = facts
  const container = containerOf(facts)
  const inPod = container.podName !== ''
  return [
    string(ATTR_CONTAINER_ID, process.cgroup.containerId),
    string(inPod ? ATTR_K8S_CONTAINER_NAME : ATTR_CONTAINER_NAME, container.name),
    string(ATTR_K8S_POD_UID, pod?.uid ?? process.cgroup.podUid),
    string(ATTR_K8S_POD_NAME, container.podName),
    string(ATTR_K8S_NAMESPACE_NAME, container.namespace),
    ...ownerAttributes(pod),
    string(ATTR_K8S_NODE_NAME, pod?.node ?? ''),
    string(ATTR_K8S_CLUSTER_NAME, inPod ? clusterName : ''),
    string(ATTR_HOST_NAME, host.name),
    string(ATTR_HOST_ID, host.id),
    string(ATTR_HOST_ARCH, host.arch),
    string(ATTR_OS_TYPE, 'linux'),
  ]
}
