import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { PODS, podObject } from '../support/pod_objects.ts'
import { freePort } from '../support/ports.ts'
import { pathOf } from '../truth/compare.ts'
import type { Server } from '../truth/programs.ts'
import type { ReceivedSpan } from '../truth/sink.ts'
import type { PodContainer } from './pod_cgroup.ts'
import { ask, PodScene } from './pod_scene.ts'
import { CART, MENU, podOf } from './shop_pods.ts'

/** Whoever asks here has it, and so has weir's own OTLP port: what guesses by address takes this pod. */
const SHARED_IP = '127.0.0.1'

const KEYS = [
  'k8s.pod.name',
  'k8s.container.name',
  'k8s.namespace.name',
  'k8s.node.name',
  'k8s.deployment.name',
  'k8s.pod.uid',
  'container.id',
]
const placeOf = (span: ReceivedSpan | undefined) => KEYS.map((key) => span?.resource.get(key))
const placeIn = (pod: string, { podUid, containerId }: PodContainer) => [
  ...[pod, 'web', 'shop', 'n1', pod, podUid, containerId],
]

const configOf = (endpoint: string, otlp: number, running: number, folder: string) =>
  JSON.stringify({
    receivers: {
      ebpf: {
        discovery: {
          instrument: [{ open_ports: String(running) }, { cmd_args: `*${folder}/nginx-*` }],
        },
      },
      otlp: { protocols: { http: { endpoint: `127.0.0.1:${otlp}` } } },
    },
    processors: {
      k8s_attributes: {
        auth_type: 'kubeConfig',
        wait_for_metadata: true,
        filter: { node: 'n1' },
        extract: { metadata: KEYS.filter((key) => key !== 'container.id') },
      },
    },
    exporters: { otlp_http: { endpoint, encoding: 'json', compression: 'none' } },
    service: {
      pipelines: {
        traces: {
          receivers: ['ebpf', 'otlp'],
          processors: ['k8s_attributes'],
          exporters: ['otlp_http'],
        },
      },
      telemetry: { metrics: { level: 'none' } },
    },
  })

/** A span of an SDK that tells nothing of its pod. */
const told = (name: string) => ({
  resourceSpans: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'told' } }] },
      scopeSpans: [
        {
          spans: [
            {
              traceId: '01'.repeat(16),
              spanId: '02'.repeat(8),
              name,
              startTimeUnixNano: '1700000000000000000',
              endTimeUnixNano: '1700000001000000000',
            },
          ],
        },
      ],
    },
  ],
})

describe('pods of what eBPF sees', () => {
  const scene = new PodScene()
  const { api, servers } = scene
  let otlp: number

  const spanOf = async (server: Server | undefined, path: string) => {
    await ask(server, path)
    return scene.span((span) => pathOf(span) === path)
  }
  const spanTold = async (name: string) => {
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify(told(name))
    await fetch(`http://127.0.0.1:${otlp}/v1/traces`, { method: 'POST', headers, body })
    return scene.span((span) => span.name === name)
  }

  before(async () => {
    api.put(PODS, podOf('cart', '10.1.0.1', CART))
    api.put(PODS, podObject('guess', { ip: SHARED_IP, containers: [] }))
    otlp = await freePort()
    await scene.open(CART, (endpoint, { port }) => configOf(endpoint, otlp, port, scene.folder))
  })
  after(() => scene.close())

  test('a container of cgroup v1 that is older than weir has its pod, not that of its address', async () => {
    assert.deepEqual(placeOf(await spanOf(servers.all[0], '/r/cart')), placeIn('cart', CART))
  })

  test('a new one of cgroup v2 has its pod, of which Kubernetes tells later', async () => {
    const span = spanOf(await servers.serve(MENU), '/r/menu')
    api.put(PODS, podOf('menu', '10.1.0.2', MENU))
    assert.deepEqual(placeOf(await span), placeIn('menu', MENU))
  })

  test('an address that goes to another pod mixes nothing', async () => {
    assert.equal((await spanTold('before'))?.resource.get('k8s.pod.name'), 'guess')
    api.remove(PODS, 'uid-guess')
    api.put(PODS, podOf('menu', SHARED_IP, MENU))
    let round = 0
    const owner = async () => (await spanTold(`after ${++round}`))?.resource.get('k8s.pod.name')
    while ((await owner()) !== 'menu') assert.ok(round < 200, 'the watch has told of it')
    assert.deepEqual(placeOf(await spanOf(servers.all[0], '/r/cart/2')), placeIn('cart', CART))
    api.remove(PODS, CART.podUid)
    api.put(PODS, podObject('heir', { ip: '10.1.0.1', containers: [] }))
    assert.deepEqual(placeOf(await spanOf(servers.all[0], '/r/cart/3')), placeIn('cart', CART))
  })
})
