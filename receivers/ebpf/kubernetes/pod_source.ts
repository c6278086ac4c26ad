import type { Context } from '../../../pipeline/component.ts'
import { FORBIDDEN, KubeClient, type KubeError } from '../../../pipeline/k8s/client.ts'
import { OTEL_ANNOTATION } from '../../../pipeline/k8s/naming.ts'
import type { Pod } from '../../../pipeline/k8s/pod.ts'
import { PodWatch } from '../../../pipeline/k8s/pod_watch.ts'
import { type Found, Pods } from '../../../pipeline/k8s/pods.ts'
import { WORKLOAD_LABELS } from '../../../pipeline/k8s/workload.ts'
import { limitedLog } from '../../../pipeline/telemetry/limited_log.ts'
import type { Cgroup } from '../discovery/cgroup.ts'
import { kubernetesAccess, ownNode } from './access.ts'
import { ChangedPods, type IsOf } from './changed_pods.ts'
import type { KubernetesConfig } from './fields.ts'

/** As k8s_attributes has it: what is gone may still have sent. */
const GRACE_MS = 120_000

export interface PodSourceOptions {
  readonly ctx: Context
  readonly config: KubernetesConfig
  /** Keys of labels and annotations that somebody looks at. */
  readonly keys: ReadonlySet<string>
  readonly onChange: (isOf: IsOf) => void
}

/** Asks Kubernetes for the pods of this node, and goes on asking. */
export class PodSource {
  readonly node: string
  /** Why it is not answered, '' if it is. */
  trouble = ''
  readonly #options: PodSourceOptions
  readonly #pods: Pods
  readonly #client: KubeClient
  readonly #watch: PodWatch
  readonly #changed: ChangedPods
  readonly #log: ReturnType<typeof limitedLog>

  /** Throws if it is not known whom to ask. */
  constructor(options: PodSourceOptions) {
    const { ctx, config, keys } = options
    const access = kubernetesAccess(config)
    const { kube_api_qps: qps, kube_api_burst: burst, kubelet } = config
    this.#options = options
    this.node = ownNode(config)
    this.#log = limitedLog(ctx.now)
    this.#changed = new ChangedPods(options.onChange)
    const kept = new Set([...keys, ...WORKLOAD_LABELS])
    this.#pods = new Pods({
      now: ctx.now,
      graceMs: GRACE_MS,
      keeps: (key) => kept.has(key) || key.startsWith(OTEL_ANNOTATION),
      excludes: () => false,
      onChange: (kind, pod) => this.#podChanged(kind, pod),
    })
    const onRequest = () => ctx.count('k8s_api_requests', 1)
    this.#client = new KubeClient({ access, qps, burst, onRequest })
    this.#watch = new PodWatch(
      {
        ...{ access, client: this.#client, pods: this.#pods, node: this.node, kubelet },
        namespaces: [],
        fieldSelector: this.node === '' ? '' : `spec.nodeName=${this.node}`,
        labelSelector: '',
        periodS: Math.max(1, Math.round(config.informers_resync_period / 1000)),
      },
      {
        failed: (error) => this.#failed(error),
        listed: () => this.#listed(),
        askedKubelet: () => ctx.log.info('The API server forbids pods; asking the kubelet.'),
      },
    )
  }

  start(): void {
    if (this.node === '') {
      this.#options.ctx.log.warn(
        'pods of all nodes are watched, for the name of this one is not known',
        {
          hint: 'set the variable NODE_NAME by fieldRef spec.nodeName, or attributes::kubernetes::node',
        },
      )
    }
    this.#watch.start()
  }

  async stop(): Promise<void> {
    this.#changed.stop()
    await this.#watch.stop()
    this.#client.close()
  }

  /** Of containers and pods that are there now, and were a while ago. */
  get size(): number {
    return this.#pods.size
  }

  find({ containerId, podUid }: Cgroup): Found | undefined {
    return this.#pods.byContainer(containerId) ?? this.#pods.byUid(podUid)
  }

  #podChanged(kind: 'added' | 'updated' | 'deleted', pod: Pod): void {
    if (kind === 'deleted') this.#changed.gone(pod)
    else this.#changed.put(pod)
  }

  #listed(): void {
    if (this.trouble !== '') this.#options.ctx.log.info('Kubernetes answers again.')
    this.trouble = ''
  }

  #failed(error: KubeError): void {
    const { ctx } = this.#options
    this.trouble = error.message
    ctx.count('k8s_api_failures', 1, { status: String(error.status) })
    this.#log(ctx.log.warn, error.message, 'Kubernetes does not tell of pods.', {
      error: error.message,
      hint: hintOf(error.status),
    })
  }
}

const hintOf = (status: number): string =>
  status === FORBIDDEN
    ? 'allow the service account of weir to list and watch pods: deploy/kubernetes has the ClusterRole'
    : 'selectors that ask for more than the node tells do not match meanwhile; `weir doctor` tries the way'
