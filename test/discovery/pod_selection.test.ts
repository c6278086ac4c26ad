import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { explanationText } from '../../cli/explain_text.ts'
import { askAgent, bodyOf } from '../../cli/status_client.ts'
import { readCgroup } from '../../receivers/ebpf/discovery/cgroup.ts'
import { listTgids } from '../../receivers/ebpf/discovery/procfs.ts'
import type { Explanation, ProcessReport } from '../../receivers/ebpf/explain/report.ts'
import { PODS } from '../support/pod_objects.ts'
import { pathOf } from '../truth/compare.ts'
import { ask, PodScene } from './pod_scene.ts'
import { CART, MENU, podOf } from './shop_pods.ts'

const WAIT_MS = 20_000
/** Nothing is to be decided by time here. */
const NEVER = '1h'

const configOf = (endpoint: string, folder: string, socket: string) => {
  const ours = { cmd_args: `*${folder}/nginx-*` }
  return JSON.stringify({
    receivers: {
      ebpf: {
        socket: { path: socket },
        attributes: { kubernetes: { node: 'n1', informers_sync_timeout: NEVER } },
        discovery: {
          instrument: [
            { ...ours, k8s_pod_labels: { team: 'shop*' } },
            { ...ours, k8s_deployment_name: 'cart', k8s_namespace: 'shop' },
          ],
          exclude_instrument: [{ ...ours, k8s_pod_annotations: { 'shop/watch': 'no' } }],
        },
      },
    },
    exporters: { otlp_http: { endpoint, encoding: 'json', compression: 'none' } },
    service: {
      pipelines: { traces: { receivers: ['ebpf'], exporters: ['otlp_http'] } },
      telemetry: { metrics: { level: 'none' } },
    },
  })
}

describe('selection by what Kubernetes tells of pods', () => {
  const scene = new PodScene()
  const { api, servers } = scene
  const socket = join(scene.folder, 'weir.sock')
  const spanOf = (path: string) => scene.span((span) => pathOf(span) === path)

  /** What the agent says of the processes of a pod, once all of them are as they should be. */
  const explained = async (uid: string, enough: (report: ProcessReport) => boolean) => {
    for (const end = Date.now() + WAIT_MS; ; await setTimeout(50)) {
      const texts: string[] = []
      let same = true
      for (const tgid of listTgids().filter((one) => readCgroup(one)?.podUid === uid)) {
        const response = await askAgent(socket, `/v1/explain?word=${tgid}`)
        assert.ok(response, 'an agent runs')
        const found = JSON.parse(await bodyOf(response)) as Explanation
        same &&= found.processes.every(enough)
        texts.push(explanationText(found))
      }
      if (texts.length > 1 && same) return texts.join('\n')
      assert.ok(Date.now() < end, texts.join('\n'))
    }
  }

  before(async () => {
    const labels = { 'app.kubernetes.io/instance': 'cart-eu', 'app.kubernetes.io/version': '1.2' }
    api.put(PODS, podOf('cart', '10.1.0.1', CART, { labels }))
    await scene.open(CART, (endpoint) => configOf(endpoint, scene.folder, socket))
  })
  after(() => scene.close())

  test('by its deployment, named by the labels of the pod, and explain says so', async () => {
    await ask(servers.all[0], '/r/cart')
    const span = await spanOf('/r/cart')
    const keys = ['service.name', 'service.version', 'k8s.deployment.name', 'k8s.container.name']
    assert.deepEqual(
      keys.map((key) => span?.resource.get(key)),
      ['cart-eu', '1.2', 'cart', 'web'],
    )
    const text = await explained(CART.podUid, ({ selected }) => selected)
    assert.match(text, /Kubernetes: 1 pod known of node n1/)
    assert.match(text, /watched +yes: instrument\[1\]/)
    assert.match(text, /name +cart-eu \(label app\.kubernetes\.io\/instance of the pod\)/)
    assert.match(text, /pod +shop\/cart of Deployment cart, told by Kubernetes/)
  })

  test('what it does before its pod is known leaves as soon as it is', async () => {
    await ask(await servers.serve(MENU), '/r/menu/before')
    const text = await explained(MENU.podUid, ({ awaitsPod }) => awaitsPod)
    assert.match(text, /watched +not yet: undecided until its pod is known: instrument\[0\]/)
    const annotations = { 'resource.opentelemetry.io/service.name': 'menu-as-told' }
    api.put(PODS, podOf('menu', '10.1.0.2', MENU, { labels: { team: 'shop-1' }, annotations }))
    const span = await spanOf('/r/menu/before')
    assert.equal(span?.resource.get('service.name'), 'menu-as-told')
    assert.match(
      await explained(MENU.podUid, ({ selected }) => selected),
      /pod labels +pod-template-hash=7d4b9c, team=shop-1/,
    )
  })

  test('a label that goes ends it, and one that comes begins it', async () => {
    api.put(PODS, podOf('menu', '10.1.0.2', MENU))
    const text = await explained(MENU.podUid, ({ selected }) => !selected)
    assert.match(text, /watched +no: no entry of instrument matches/)
    await ask(servers.all[1], '/r/menu/without')
    api.put(PODS, podOf('menu', '10.1.0.2', MENU, { labels: { team: 'shop-2' } }))
    await explained(MENU.podUid, ({ selected }) => selected)
    await ask(servers.all[1], '/r/menu/with')
    assert.ok(await spanOf('/r/menu/with'))
    assert.equal(
      scene.spans.some((one) => pathOf(one) === '/r/menu/without'),
      false,
    )
  })

  test('an annotation excludes', async () => {
    const labels = { team: 'shop-2' }
    const annotations = { 'shop/watch': 'no' }
    api.put(PODS, podOf('menu', '10.1.0.2', MENU, { labels, annotations }))
    const text = await explained(MENU.podUid, ({ selected }) => !selected)
    assert.match(text, /watched +no: exclude_instrument\[0\]/)
    assert.match(text, /pod annotations +shop\/watch=no/)
  })
})
