import type { Pod } from './pod.ts'

/** The objects that a pod belongs to, as far as its own metadata says. */
export interface Workload {
  readonly kind: 'replicaset' | 'daemonset' | 'statefulset' | 'job'
  readonly name: string
  readonly uid: string
  /** Of a replica set or job, what made it; '' if nobody did. */
  readonly maker: string
}

const KINDS: Readonly<Record<string, Workload['kind']>> = {
  ReplicaSet: 'replicaset',
  DaemonSet: 'daemonset',
  StatefulSet: 'statefulset',
  Job: 'job',
}

const HASH_LABEL = 'pod-template-hash'

export function workloadOf({ owner, labels }: Pod): Workload | undefined {
  const kind = KINDS[owner?.kind ?? '']
  if (owner === undefined || kind === undefined) return undefined
  const { name = '', uid = '' } = owner
  return { kind, name, uid, maker: makerOf(kind, name, labels[HASH_LABEL]) }
}

/**
 * A deployment names its replica sets by itself and the hash that their pods bear as a label; a cron job its jobs by itself
 * and the minute since 1970, of which there are eight digits from 1989 to 2160.
 */
function makerOf(kind: Workload['kind'], name: string, hash: string | undefined): string {
  if (kind === 'job') return /^(.+)-\d{8}$/.exec(name)?.[1] ?? ''
  const suffix = `-${hash}`
  return kind === 'replicaset' && hash !== undefined && name.endsWith(suffix)
    ? name.slice(0, -suffix.length)
    : ''
}

/** Labels without which the names cannot be told. */
export const WORKLOAD_LABELS: readonly string[] = [HASH_LABEL]
