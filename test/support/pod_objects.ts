export const PODS = '/api/v1/pods'
export const ID = 'c'.repeat(64)

type Texts = Readonly<Record<string, string>>

/** A pod as the API server has it. */
export const podObject = (
  name: string,
  more: {
    readonly ip?: string
    readonly node?: string
    readonly hostNetwork?: boolean
    readonly labels?: Texts
    readonly annotations?: Texts
    readonly owner?: { readonly kind: string; readonly name: string; readonly uid: string }
    readonly containers?: readonly {
      readonly name: string
      readonly id: string
      readonly image?: string
    }[]
    readonly phase?: string
    readonly uid?: string
  } = {},
) => {
  const { ip = '10.0.0.1', node = 'n1', containers = [{ name: 'app', id: ID }] } = more
  return {
    metadata: {
      name,
      namespace: 'shop',
      uid: more.uid ?? `uid-${name}`,
      labels: more.labels ?? {},
      annotations: more.annotations ?? {},
      ...(more.owner && { ownerReferences: [{ ...more.owner, controller: true }] }),
    },
    spec: {
      nodeName: node,
      hostNetwork: more.hostNetwork ?? false,
      containers: containers.map(({ name: container, image = 'reg:5000/team/shop:1.2' }) => ({
        name: container,
        image,
      })),
    },
    status: {
      phase: more.phase ?? 'Running',
      podIP: ip,
      podIPs: [{ ip }],
      startTime: '2026-11-21T08:00:00Z',
      containerStatuses: containers.map(({ name: container, id }) => ({
        name: container,
        containerID: `containerd://${id}`,
        imageID: 'docker-pullable://reg:5000/team/shop@sha256:abc',
        restartCount: 0,
      })),
    },
  }
}
