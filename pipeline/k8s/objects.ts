/** The parts of Kubernetes objects that are read. Source: https://kubernetes.io/docs/reference/kubernetes-api/ */
export interface Owner {
  readonly kind?: string
  readonly name?: string
  readonly uid?: string
  readonly controller?: boolean
}

export interface ObjectMeta {
  readonly name?: string
  readonly namespace?: string
  readonly uid?: string
  readonly labels?: Texts
  readonly annotations?: Texts
  readonly ownerReferences?: readonly Owner[]
  readonly deletionTimestamp?: string
}

export type Texts = Readonly<Record<string, string>>

export interface KubeObject {
  readonly metadata?: ObjectMeta
}

interface ContainerState {
  readonly terminated?: { readonly containerID?: string }
}

export interface ContainerStatus {
  readonly name?: string
  readonly containerID?: string
  readonly imageID?: string
  readonly restartCount?: number
  readonly state?: ContainerState
  readonly lastState?: ContainerState
}

export interface PodObject extends KubeObject {
  readonly spec?: {
    readonly nodeName?: string
    readonly hostname?: string
    readonly hostNetwork?: boolean
    readonly containers?: readonly { readonly name?: string; readonly image?: string }[]
    readonly initContainers?: readonly { readonly name?: string; readonly image?: string }[]
  }
  readonly status?: {
    readonly phase?: string
    readonly podIP?: string
    readonly podIPs?: readonly { readonly ip?: string }[]
    readonly startTime?: string
    readonly containerStatuses?: readonly ContainerStatus[]
    readonly initContainerStatuses?: readonly ContainerStatus[]
    readonly ephemeralContainerStatuses?: readonly ContainerStatus[]
  }
}

/** `containerd://<id>` without its runtime. */
export const bareId = (id = ''): string => id.replace(/^[^:]*:\/\//, '')
