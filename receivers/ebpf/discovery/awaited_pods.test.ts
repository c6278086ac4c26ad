import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { PodFinder } from './awaited_pods.ts'
import { NO_CGROUP } from './cgroup.ts'
import { Decisions } from './decisions.ts'
import { Descriptions } from './description.ts'
import type { PodFacts } from './pod_facts.ts'
import { ProcessTable } from './process_table.ts'
import { Selection } from './selection.ts'
import { processOf } from './testing.ts'

const SECOND = 1e9
// Above every pid_max: nothing of them is in /proc.
const [MASTER, WORKER, OTHER] = [4_194_410, 4_194_411, 4_194_412]
const UID = '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0'
const cgroup = { ...NO_CGROUP, path: '/kubepods', podUid: UID }
const isOf = ({ podUid }: typeof cgroup) => podUid === UID

/** The bits of the kernel's table. */
const [UNDECIDED, REJECTED, SELECTED] = [0, 1, 2]

function setUp() {
  const memory = new ArrayBuffer(1 << 21)
  const time = { ns: 0 }
  const counted: string[] = []
  let pod: PodFacts | undefined
  const pods: PodFinder = { find: (one) => (isOf(one) ? pod : undefined), waitNs: 10 * SECOND }
  const podLabels = new Map([['team', /^shop$/]])
  const table = new ProcessTable({
    selection: new Selection({ instrument: [{ podLabels }] }, 1),
    decisions: new Decisions(memory),
    descriptions: new Descriptions(),
    epochBootNs: 0n,
    nowNs: () => time.ns,
    count: (reason) => counted.push(reason),
    pods,
  })
  const bytes = new Uint8Array(memory)
  return {
    table,
    time,
    counted,
    bits: (tgid: number) => ((bytes[tgid >> 2] ?? 0) >> ((tgid & 3) * 2)) & 3,
    /** Kubernetes tells of the pod. Gives who has come to be watched. */
    tell: (team: string) => {
      const base = { uid: UID, name: 'cart', namespace: 'shop', node: 'n1', container: 'web' }
      const owner = { kind: 'Pod', name: 'cart' }
      pod = { ...base, owners: {}, owner, labels: { team }, annotations: {} }
      return table.podsChanged(isOf).map(({ tgid }) => tgid)
    },
  }
}

describe('processes whose pod is not known', () => {
  test('wait, and are decided about when it comes and when its labels change', () => {
    const { table, bits, tell, counted } = setUp()
    table.executed(processOf({ tgid: MASTER, cgroup }))
    table.forked(WORKER, MASTER, 0)
    assert.deepEqual([bits(MASTER), bits(WORKER)], [UNDECIDED, UNDECIDED])
    assert.deepEqual(tell('shop'), [MASTER, WORKER])
    assert.deepEqual([bits(MASTER), bits(WORKER)], [UNDECIDED, UNDECIDED], 'watched as before')
    assert.equal(table.find(MASTER)?.pod?.name, 'cart')
    assert.deepEqual(tell('other'), [])
    assert.deepEqual([bits(MASTER), bits(WORKER)], [REJECTED, REJECTED])
    assert.deepEqual(tell('shop'), [MASTER, WORKER])
    assert.deepEqual([bits(MASTER), bits(WORKER)], [SELECTED, SELECTED])
    assert.deepEqual(counted, ['pod_awaited', 'pod_awaited'])
  })

  test('wait no longer than they may, nor does the next of their pod; a pod that comes late counts', () => {
    const { table, time, bits, tell, counted } = setUp()
    table.executed(processOf({ tgid: MASTER, cgroup }))
    time.ns = 9 * SECOND
    assert.deepEqual(table.tidy(time.ns), [])
    assert.equal(bits(MASTER), UNDECIDED)
    time.ns = 10 * SECOND
    table.tidy(time.ns)
    assert.equal(bits(MASTER), REJECTED)
    assert.deepEqual(counted, ['pod_awaited', 'pod_unknown'])
    table.executed(processOf({ tgid: OTHER, cgroup }))
    assert.equal(bits(OTHER), REJECTED)
    assert.deepEqual(tell('shop'), [MASTER, OTHER])
  })

  test('are remembered until they are decided about, also if they end before', () => {
    const { table, time, bits, tell } = setUp()
    table.executed(processOf({ tgid: MASTER, cgroup }))
    table.exited(MASTER)
    time.ns = 8 * SECOND
    table.tidy(time.ns)
    assert.deepEqual(tell('shop'), [], 'nothing of what has ended can be probed')
    assert.equal(table.find(MASTER)?.decision.selected, true)
    assert.equal(bits(MASTER), UNDECIDED, 'its id may be given away')
    table.tidy(time.ns)
    assert.equal(table.find(MASTER), undefined)
  })

  test('outside of pods nobody waits', () => {
    const { table, bits } = setUp()
    table.executed(processOf({ tgid: OTHER }))
    assert.equal(bits(OTHER), REJECTED)
  })
})
