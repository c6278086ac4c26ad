import type { TestContext } from 'node:test'
import { type Attributes, string } from '../../pipeline/data/attributes.ts'
import { type TraceBatch, traceBatch } from '../../pipeline/data/batch.ts'
import { valueText } from '../../pipeline/data/value_text.ts'
import { later, testContext } from '../../test/support/context.ts'
import { K8sApi } from '../../test/support/k8s_api.ts'
import { withKubeConfig } from '../../test/support/kube_config.ts'
import { PODS } from '../../test/support/pod_objects.ts'
import { resourceSpans, span } from '../../test/support/telemetry.ts'
import { k8sAttributes } from './factory.ts'

type Texts = Readonly<Record<string, string>>

export const plain = (attributes: Attributes): Texts =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, valueText(value)]))

/** A processor that asks a server of its own. */
export async function connected(
  t: TestContext,
  config: object,
  prepare: (api: K8sApi) => void = () => undefined,
) {
  const api = new K8sApi()
  api.create(PODS)
  prepare(api)
  await api.listen()
  let ahead = 0
  const context = testContext('k8s_attributes', () => performance.now() + ahead)
  const sent: TraceBatch[] = []
  let arrived = Promise.withResolvers<void>()
  const parsed = k8sAttributes.schema.parse({
    auth_type: 'kubeConfig',
    wait_for_metadata: true,
    kube_api_qps: 1000,
    kube_api_burst: 100,
    ...config,
  })
  const processor = k8sAttributes.create.traces?.(context.ctx, parsed, {
    consume: (batch) => {
      sent.push(batch)
      arrived.resolve()
      arrived = Promise.withResolvers<void>()
      return Promise.resolve()
    },
  })
  if (processor === undefined) throw new Error('no processor')
  t.after(async () => {
    await processor.shutdown(later())
    await api.close()
  })
  await withKubeConfig(api.url, () => processor.start())
  const of = (batch: TraceBatch | undefined) =>
    plain(batch?.resources()[0]?.resource.attributes ?? [])
  const consume = (given: Texts, peer = '') => {
    const attributes = Object.entries(given).map(([key, value]) => string(key, value))
    const resource = { attributes, droppedAttributesCount: 0 }
    const info = { client: { address: peer, metadata: new Map() } }
    return processor.consume(traceBatch([{ ...resourceSpans([span()]), resource }]), info)
  }
  return {
    ...context,
    api,
    processor,
    sent,
    consume,
    /** Lets milliseconds pass for all that reads the clock. */
    skip: (ms: number) => {
      ahead += ms
    },
    /** The attributes of a resource after the processor, if they come at once. */
    after: async (given: Texts, peer = '') => {
      const already = sent.length
      await consume(given, peer)
      return sent.length === already ? undefined : of(sent.at(-1))
    },
    /** The attributes of what was sent after it had waited. */
    next: async () => {
      await arrived.promise
      return of(sent.at(-1))
    },
    /** Resolves once the processor has heard of so many changes of pods. */
    heard: async (kind: 'added' | 'updated' | 'deleted', times: number) => {
      while (context.count(`otelsvc_k8s_pod_${kind}`) < times) {
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
  }
}
