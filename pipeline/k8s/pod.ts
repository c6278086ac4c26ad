import type { KubeObject, Owner, Texts } from './objects.ts'
import { bareId, type ContainerStatus, type PodObject } from './objects.ts'

export interface Container {
  readonly name: string
  readonly image: string
  readonly imageId: string
  /** By how often the container had been restarted when it got it. */
  readonly ids: ReadonlyMap<number, string>
  readonly restarts: number
}

/** What is kept of a pod. */
export interface Pod {
  readonly uid: string
  readonly name: string
  readonly namespace: string
  readonly node: string
  readonly hostname: string
  readonly startTime: string
  /** That are its own: of the host's network there are none. */
  readonly ips: readonly string[]
  readonly ip: string
  /** It holds its address no more. */
  readonly ended: boolean
  readonly owner: Owner | undefined
  readonly labels: Texts
  readonly annotations: Texts
  readonly containers: readonly Container[]
}

const IGNORE = 'opentelemetry.io/k8s-processor/ignore'
const NONE: Texts = {}

/** Undefined if it is none that may be known. */
export function readPod(object: PodObject, keeps: (key: string) => boolean): Pod | undefined {
  const { metadata = {}, spec = {}, status = {} } = object
  const { uid = '', name = '', namespace = '', annotations = NONE, labels = NONE } = metadata
  if (uid === '' || annotations[IGNORE] === 'true') return undefined
  const addresses = status.podIPs?.map(({ ip = '' }) => ip) ?? [status.podIP ?? '']
  return {
    uid,
    name,
    namespace,
    node: spec.nodeName ?? '',
    hostname: spec.hostname ?? '',
    startTime: status.startTime ?? '',
    ips: spec.hostNetwork === true ? [] : addresses.filter((ip) => ip !== ''),
    ip: status.podIP ?? '',
    ended: status.phase === 'Succeeded' || status.phase === 'Failed',
    owner: controllerOf(object),
    labels: kept(labels, keeps),
    annotations: kept(annotations, keeps),
    containers: containersOf(object),
  }
}

export const controllerOf = ({ metadata }: KubeObject): Owner | undefined =>
  metadata?.ownerReferences?.find(({ controller }) => controller === true) ??
  metadata?.ownerReferences?.[0]

/** Annotations hold whole manifests: what no rule asks for is not kept. */
function kept(texts: Texts, keeps: (key: string) => boolean): Texts {
  const entries = Object.entries(texts).filter(([key]) => keeps(key))
  return entries.length === 0 ? NONE : Object.fromEntries(entries)
}

function containersOf({ spec = {}, status = {} }: PodObject): Container[] {
  const images = new Map(
    [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map((one) => [
      one.name ?? '',
      one.image ?? '',
    ]),
  )
  const statuses = [
    ...(status.containerStatuses ?? []),
    ...(status.initContainerStatuses ?? []),
    ...(status.ephemeralContainerStatuses ?? []),
  ]
  return statuses.map((one) => containerOf(one, images.get(one.name ?? '') ?? ''))
}

function containerOf(status: ContainerStatus, image: string): Container {
  const { name = '', containerID, imageID = '', restartCount = 0, state, lastState } = status
  const now = bareId(containerID ?? state?.terminated?.containerID)
  const last = bareId(lastState?.terminated?.containerID)
  const ids = new Map<number, string>()
  if (last !== '') ids.set(restartCount - 1, last)
  if (now !== '') ids.set(restartCount, now)
  return { name, image, imageId: imageID, ids, restarts: restartCount }
}
