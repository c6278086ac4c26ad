import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { withKubeConfig } from '../support/kube_config.ts'
import { freePort } from '../support/ports.ts'
import { type Agent, startWeir } from '../truth/agent.ts'
import { type ReceivedSpan, type Sink, startSink } from '../truth/sink.ts'
import { type Cluster, startCluster } from './cluster.ts'
import { accountFor, fill, type Place, placeOf, putPod } from './pods.ts'

const PODS = 5000
const OF_NODE = 110
const NODE = 'node-7'
const WAIT_MS = 30_000
/** By then an agent has given back what only its start needed. */
const SETTLED_MS = 20_000
const MIB = 1024 // of KiB

/** What an agent may take more on a node of 110 pods. */
const MOST_MIB = 25

const configOf = (otlp: number, endpoint: string, processors: Readonly<Record<string, object>>) =>
  JSON.stringify({
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${otlp}` } } } },
    processors,
    exporters: { otlp_http: { endpoint, encoding: 'json', compression: 'none' } },
    service: {
      pipelines: {
        traces: {
          receivers: ['otlp'],
          processors: Object.keys(processors),
          exporters: ['otlp_http'],
        },
      },
      telemetry: { metrics: { level: 'none' } },
    },
  })

const spanOf = (containerId: string) => ({
  resourceSpans: [
    {
      resource: { attributes: [{ key: 'container.id', value: { stringValue: containerId } }] },
      scopeSpans: [
        {
          spans: [
            {
              traceId: containerId.slice(0, 32),
              spanId: containerId.slice(0, 16),
              name: containerId,
              startTimeUnixNano: '1700000000000000000',
              endTimeUnixNano: '1700000001000000000',
            },
          ],
        },
      ],
    },
  ],
})

const rssMiB = ({ process }: Agent): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${process.pid}/status`, 'utf8'))?.[1]) / MIB

/** Requests so far that read, and watches that are open, by resource. */
async function asked(cluster: Cluster): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  const line = /^apiserver_(?:request_total|longrunning_requests)\{(.*)\} (\d+)$/gm
  for (const [, labels = '', count] of (await cluster.metrics()).matchAll(line)) {
    const label = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(labels)?.[1] ?? ''
    if (!['LIST', 'WATCH', 'GET'].includes(label('verb'))) continue
    const key = `${label('verb')} ${label('resource')}`
    counts.set(key, (counts.get(key) ?? 0) + Number(count))
  }
  return counts
}

describe('k8s_attributes with a real kube-apiserver', () => {
  const places = Array.from({ length: PODS }, (_, i) => placeOf(i, OF_NODE))
  let cluster: Cluster
  let sink: Sink
  let token: string

  before(async () => {
    cluster = await startCluster()
    sink = await startSink()
    await fill(cluster, places)
    token = await accountFor(cluster)
  })
  after(async () => {
    await sink?.close()
    await cluster?.stop()
  })

  /** Runs an agent until it has settled; prints and gives what it took. */
  const measured = async (
    name: string,
    processors: Readonly<Record<string, object>>,
    use: (otlp: number) => Promise<void>,
  ) => {
    const otlp = await freePort()
    const earlier = await asked(cluster)
    const began = performance.now()
    const ca = Buffer.from(cluster.ca).toString('base64')
    const agent = await withKubeConfig(
      cluster.url,
      () => startWeir(configOf(otlp, sink.endpoint, processors)),
      { cluster: { 'certificate-authority-data': ca }, user: { token } },
    )
    const startMs = performance.now() - began
    try {
      await use(otlp)
      await sleep(SETTLED_MS) // memory is given back by time, not by an event
      const mib = rssMiB(agent)
      const now = await asked(cluster)
      const requests = [...now]
        .map(([key, count]) => [key, count - (earlier.get(key) ?? 0)] as const)
        .filter(([key, count]) => count > 0 && / (pods|nodes|namespaces|replicasets)$/.test(key))
      const shown = requests.map(([key, count]) => `${count} ${key}`).join(', ') || 'none'
      console.log(
        `  ${name}: ready in ${startMs.toFixed(0)} ms, ${mib.toFixed(1)} MiB, requests: ${shown}`,
      )
      return { mib, requests: new Map(requests) }
    } finally {
      await agent.stop()
    }
  }

  const tell = async (otlp: number, { containerId }: Place): Promise<ReceivedSpan | undefined> => {
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify(spanOf(containerId))
    await fetch(`http://127.0.0.1:${otlp}/v1/traces`, { method: 'POST', headers, body })
    const isIt = ({ name }: ReceivedSpan) => name === containerId
    await sink.settled((spans) => spans.some(isIt), WAIT_MS)
    return sink.spans.findLast(isIt)
  }
  const k8s = (filter: object) => ({
    k8s_attributes: { auth_type: 'kubeConfig', wait_for_metadata: true, filter },
  })

  test('knows the pods of its node, for few requests and little memory', async () => {
    const alone = await measured('without it', {}, () => Promise.resolve())
    const mine = places.filter(({ node }) => node === NODE)
    assert.equal(mine.length, OF_NODE)
    const with110 = await measured('with it, 110 pods', k8s({ node: NODE }), async (otlp) => {
      for (const place of mine) {
        const resource = (await tell(otlp, place))?.resource
        const keys = ['k8s.pod.name', 'k8s.namespace.name', 'k8s.node.name', 'k8s.deployment.name']
        const found = keys.map((key) => resource?.get(key))
        assert.deepEqual(found, [place.name, place.namespace, NODE, place.deployment])
      }
    })
    console.log(`  ${(with110.mib - alone.mib).toFixed(1)} MiB more`)
    assert.ok(with110.mib - alone.mib <= MOST_MIB)
    assert.equal(with110.requests.get('LIST pods'), 1)
    assert.equal(with110.requests.get('WATCH pods'), 1)
    assert.deepEqual([...with110.requests.keys()].sort(), ['LIST pods', 'WATCH pods'])
  })

  test('hears of pods that come and go, by a watch', async () => {
    const late = { ...placeOf(PODS + 1, OF_NODE), node: NODE }
    await measured('with it, and a pod that comes', k8s({ node: NODE }), async (otlp) => {
      const waiting = tell(otlp, late)
      await putPod(cluster, late)
      assert.equal((await waiting)?.resource.get('k8s.pod.name'), late.name)
    })
  })

  test('knows the pods of the whole cluster without a filter', async () => {
    await measured(`with it, ${PODS} pods`, k8s({}), async (otlp) => {
      const last = places.at(-1)
      if (last === undefined) throw new Error('no places')
      assert.equal((await tell(otlp, last))?.resource.get('k8s.pod.name'), last.name)
    })
  })
})
