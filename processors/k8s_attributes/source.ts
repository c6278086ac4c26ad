import type { Context } from '../../pipeline/component.ts'
import { FORBIDDEN, KubeClient, type KubeError } from '../../pipeline/k8s/client.ts'
import { type Access, accessOf } from '../../pipeline/k8s/kube_config.ts'
import type { Pod } from '../../pipeline/k8s/pod.ts'
import { PodWatch } from '../../pipeline/k8s/pod_watch.ts'
import { Pods } from '../../pipeline/k8s/pods.ts'
import { type Hearer, type Sink, Watcher, type WatchOptions } from '../../pipeline/k8s/watcher.ts'
import { workloadOf } from '../../pipeline/k8s/workload.ts'
import { compileExpression } from '../../pipeline/regexp.ts'
import { limitedLog } from '../../pipeline/telemetry/limited_log.ts'
import { DEFAULT_SYNC_MS, type K8sConfig } from './config.ts'
import type { Surroundings } from './describe.ts'
import { type Change, type Kept, Lookups, Named } from './lookups.ts'
import type { Needs } from './needs.ts'
import { fieldSelectorOf, labelSelectorOf, nodeOf } from './selectors.ts'

interface Running {
  start(): void
  stop(): Promise<void>
}

/** All that is known of the cluster: one for all pipelines of a configured processor. */
export class Source {
  readonly pods: Pods
  readonly #ctx: Context
  readonly #config: K8sConfig
  readonly #needs: Needs
  readonly #namespaces = new Named((change) => this.#count('namespace', change))
  readonly #nodes = new Named((change) => this.#count('node', change))
  readonly #changed = new Set<() => void>()
  readonly #synced = Promise.withResolvers<void>()
  readonly #log: ReturnType<typeof limitedLog>
  #lookups: Lookups | undefined
  #client: KubeClient | undefined
  #running: Running[] = []
  #users = 0
  #podsKnown: PodWatch | undefined

  constructor(ctx: Context, config: K8sConfig, needs: Needs) {
    this.#ctx = ctx
    this.#config = config
    this.#needs = needs
    this.#log = limitedLog(ctx.now)
    const excluded = config.exclude.pods.map(({ name }) => compileExpression(name))
    this.pods = new Pods({
      now: ctx.now,
      graceMs: config.pod_delete_grace_period,
      keeps: needs.keeps,
      excludes: (name) => excluded.some((one) => one.test(name)),
      onChange: (kind, pod) => this.#podChanged(kind, pod),
    })
    ctx.gauge('otelsvc_k8s_pod_table_size', () => this.pods.size)
  }

  /** Whether the first list of pods is there. */
  get isSynced(): boolean {
    return this.#podsKnown?.isSynced === true
  }

  /** Resolves when it is. */
  get synced(): Promise<void> {
    return this.#synced.promise
  }

  /** Hears of changes until what is given back is called. */
  onChange(hear: () => void): () => void {
    this.#changed.add(hear)
    return () => this.#changed.delete(hear)
  }

  /** For the first of its users. Throws if it is not known whom to ask. */
  start(): void {
    this.#users += 1
    if (this.#users > 1) return
    const { auth_type, context, kube_api_qps: qps, kube_api_burst: burst } = this.#config
    const access = accessOf(auth_type, context)
    const node = nodeOf(this.#config.filter)
    const onRequest = () => this.#ctx.count('k8s_api_requests', 1)
    this.#client = new KubeClient({ access, qps, burst, onRequest })
    this.#lookups = new Lookups(this.#client, this.#periodMs, this.#ctx.now, {
      failed: (error) => this.#failed(error),
      changed: (path, change) => this.#lookedUp(path, change),
    })
    this.#podsKnown = this.#podWatch(this.#client, access, node)
    this.#running = [this.#podsKnown, ...this.#otherWatchers(node)]
    if (this.#needs.clusterUid) this.#lookups.get(KUBE_SYSTEM)
    for (const one of this.#running) one.start()
  }

  /** For the last of its users. */
  async stop(): Promise<void> {
    this.#users -= 1
    if (this.#users > 0) return
    this.#lookups?.stop()
    this.#podsKnown = undefined
    await Promise.all(this.#running.splice(0).map((one) => one.stop()))
    this.#client?.close()
  }

  #podWatch(client: KubeClient, access: Access, node: string): PodWatch {
    const { filter, kubelet } = this.#config
    const options = {
      ...{ access, client, node, kubelet, pods: this.pods, periodS: this.#periodS },
      namespaces: filter.namespace,
      fieldSelector: fieldSelectorOf(filter, node),
      labelSelector: labelSelectorOf(filter),
    }
    return new PodWatch(options, {
      failed: (error) => this.#failed(error),
      listed: () => this.#listed(),
      askedKubelet: () => this.#ctx.log.info('The API server forbids pods; asking the kubelet.'),
    })
  }

  #otherWatchers(node: string): Watcher[] {
    const hearer = { failed: (error: KubeError) => this.#failed(error), synced: () => undefined }
    const { namespace } = this.#config.filter
    const one = namespace.length === 1 ? `metadata.name=${namespace[0]}` : ''
    const byName = node === '' ? '' : `metadata.name=${node}`
    return [
      ...(this.#needs.namespaces
        ? [
            this.#watcher(
              { path: '/api/v1/namespaces', fieldSelector: one },
              this.#namespaces,
              hearer,
            ),
          ]
        : []),
      ...(this.#needs.nodes
        ? [this.#watcher({ path: '/api/v1/nodes', fieldSelector: byName }, this.#nodes, hearer)]
        : []),
    ]
  }

  #watcher(options: Omit<WatchOptions, 'periodS'>, sink: Sink, hearer: Hearer): Watcher {
    if (this.#client === undefined) throw new Error('the source is not started')
    return new Watcher(this.#client, { ...options, periodS: this.#periodS }, sink, hearer)
  }

  get #periodMs(): number {
    return this.#config.watch_sync_period || DEFAULT_SYNC_MS
  }

  get #periodS(): number {
    return Math.max(1, Math.round(this.#periodMs / 1000))
  }

  #listed(): void {
    if (this.isSynced) this.#synced.resolve()
    for (const hear of this.#changed) hear()
  }

  #failed(error: KubeError): void {
    this.#ctx.count('k8s_api_failures', 1, { status: String(error.status) })
    this.#log(this.#ctx.log.warn, error.message, 'Kubernetes does not answer as asked.', {
      error: error.message,
      ...(error.status === FORBIDDEN && {
        hint: 'the role of the service account lacks this verb',
      }),
    })
  }

  #count(kind: string, change: Change): void {
    this.#ctx.count(`otelsvc_k8s_${kind}_${change}`, 1)
  }

  /** Namespaces that are watched are counted there. */
  #lookedUp(path: string, change: Change): void {
    const kind = path.split('/').at(-2)?.slice(0, -1) ?? ''
    if (kind !== 'namespace' || !this.#needs.namespaces) this.#count(kind, change)
  }

  #podChanged(kind: Change, pod: Pod): void {
    this.#count('pod', kind)
    if (kind === 'added') this.surroundings(pod)
    for (const hear of this.#changed) hear()
  }

  namespace(name: string): Kept | undefined {
    return this.#namespaces.get(name)
  }

  node(name: string): Kept | undefined {
    return this.#nodes.get(name)
  }

  /** The deployment, daemon set, stateful set or job that a pod is of, if rules ask for such. */
  workload(pod: Pod): { readonly kind: string; readonly kept: Kept | undefined } | undefined {
    const workload = workloadOf(pod)
    if (workload === undefined) return undefined
    const isDeployment = workload.kind === 'replicaset' && workload.maker !== ''
    const kind = isDeployment ? 'deployment' : workload.kind
    if (!this.#needs.workloads.has(kind)) return undefined
    const path = pathOf(kind, pod.namespace, isDeployment ? workload.maker : workload.name)
    return { kind, kept: this.#lookups?.get(path) }
  }

  /** What fields need beyond the pod; what is not there yet is asked for. */
  surroundings(pod: Pod): Surroundings {
    const { deploymentUid, cronJobUid, clusterUid } = this.#needs
    this.workload(pod)
    const workload = workloadOf(pod)
    const makerUid = (wanted: boolean, kind: 'replicaset' | 'job') => {
      if (!wanted || workload?.kind !== kind || workload.maker === '') return ''
      return this.#lookups?.get(pathOf(kind, pod.namespace, workload.name))?.owner?.uid ?? ''
    }
    return {
      deploymentUid: makerUid(deploymentUid, 'replicaset'),
      cronJobUid: makerUid(cronJobUid, 'job'),
      nodeUid: this.#nodes.get(pod.node)?.uid ?? '',
      clusterUid: clusterUid ? (this.#lookups?.get(KUBE_SYSTEM)?.uid ?? '') : '',
    }
  }
}

const KUBE_SYSTEM = '/api/v1/namespaces/kube-system'

const pathOf = (kind: string, namespace: string, name: string): string =>
  `/apis/${kind === 'job' ? 'batch' : 'apps'}/v1/namespaces/${namespace}/${kind}s/${name}`
