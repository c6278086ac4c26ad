import { podObject } from '../support/pod_objects.ts'
import type { PodContainer } from './pod_cgroup.ts'

export const CART: PodContainer = {
  version: 'v1',
  podUid: '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0',
  containerId: 'ca'.repeat(32),
}
export const MENU: PodContainer = {
  version: 'v2',
  podUid: '1f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f1',
  containerId: '3e'.repeat(32),
}

type Texts = Readonly<Record<string, string>>

/** A pod of a deployment of its name, whose container `web` is that one. */
export const podOf = (
  name: string,
  ip: string,
  { podUid, containerId }: PodContainer,
  more: { readonly labels?: Texts; readonly annotations?: Texts } = {},
) =>
  podObject(name, {
    ...more,
    ip,
    uid: podUid,
    labels: { 'pod-template-hash': '7d4b9c', ...more.labels },
    owner: { kind: 'ReplicaSet', name: `${name}-7d4b9c`, uid: `rs-${name}` },
    containers: [{ name: 'web', id: containerId }],
  })
