import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readPod } from '../../../pipeline/k8s/pod.ts'
import { podObject } from '../../../test/support/pod_objects.ts'
import { NO_CGROUP } from './cgroup.ts'
import { discoveryFields, rulesOf } from './fields.ts'
import { type PodFacts, podFacts } from './pod_facts.ts'
import { Selection } from './selection.ts'
import { descriptionOf, processOf, surroundings } from './testing.ts'

const UID = '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0'
const inPod = processOf({ cgroup: { ...NO_CGROUP, path: '/kubepods', podUid: UID } })

function factsOf(kind: string, owner: string, more: object = {}): PodFacts {
  const object = podObject('cart-x', {
    owner: { kind, name: owner, uid: 'o' },
    labels: { 'pod-template-hash': '7d4b9c', team: 'shop', empty: '' },
    annotations: { 'shop/tier': 'front' },
    ...more,
  })
  const pod = readPod(object, () => true)
  assert.ok(pod)
  return podFacts({ pod, container: 'web' })
}
const DEPLOYED = factsOf('ReplicaSet', 'cart-7d4b9c')

/** `yes`, `no` or `awaited`, with the rule. */
function decided(discovery: object, pod: PodFacts | 'awaited' | undefined, more: object = {}) {
  const selection = new Selection(rulesOf(discoveryFields.parse(discovery)), 1)
  const decision = selection.decide(inPod, surroundings({ pod, ...more }))
  return decision.awaitsPod ? 'awaited' : decision.selected ? 'yes' : 'no'
}

describe('criteria of pods', () => {
  type Case = [name: string, entry: object, pod: PodFacts, want: string]
  const cases: Case[] = [
    ['its deployment', { k8s_deployment_name: 'cart' }, DEPLOYED, 'yes'],
    ['another deployment', { k8s_deployment_name: 'menu*' }, DEPLOYED, 'no'],
    ['its replica set', { k8s_replicaset_name: 'cart-7*' }, DEPLOYED, 'yes'],
    ['no stateful set', { k8s_statefulset_name: '*' }, DEPLOYED, 'no'],
    ['a stateful set', { k8s_statefulset_name: 'db' }, factsOf('StatefulSet', 'db'), 'yes'],
    ['a daemon set', { k8s_daemonset_name: 'log*' }, factsOf('DaemonSet', 'logger'), 'yes'],
    ['a job', { k8s_job_name: 'load-*' }, factsOf('Job', 'load-28000000'), 'yes'],
    ['a cron job', { k8s_cronjob_name: 'load' }, factsOf('Job', 'load-28000000'), 'yes'],
    ['what owns it above all', { k8s_owner_name: 'cart' }, DEPLOYED, 'yes'],
    ['not what stands below that', { k8s_owner_name: 'cart-7d4b9c' }, DEPLOYED, 'no'],
    ['an owner that no kind is for', { k8s_owner_name: 'roll' }, factsOf('Rollout', 'roll'), 'yes'],
    ['its labels', { k8s_pod_labels: { team: 'sh*', empty: '*' } }, DEPLOYED, 'yes'],
    ['one label of two', { k8s_pod_labels: { team: 'shop', tier: '*' } }, DEPLOYED, 'no'],
    ['its annotations', { k8s_pod_annotations: { 'shop/tier': 'front' } }, DEPLOYED, 'yes'],
    ['its namespace', { k8s_namespace: 'shop' }, DEPLOYED, 'yes'],
    ['its name', { k8s_pod_name: 'cart-*' }, DEPLOYED, 'yes'],
    ['its container', { k8s_container_name: 'web' }, DEPLOYED, 'yes'],
    ['AND-ed', { k8s_deployment_name: 'cart', exe_path: '*/python3' }, DEPLOYED, 'no'],
  ]
  for (const [name, entry, pod, want] of cases) {
    test(name, () => assert.equal(decided({ instrument: [entry] }, pod), want))
  }
  test('by regular expressions in the older form', () => {
    const services = [{ k8s_pod_labels: { team: '^sho' }, k8s_deployment_name: 'art$' }]
    assert.equal(decided({ services }, DEPLOYED), 'yes')
  })
})

describe('a pod that is not known yet', () => {
  const labels = { k8s_pod_labels: { team: '*' } }
  const NO_DEFAULTS = { default_exclude_instrument: [{ exe_path: '/bin/none' }] }
  const other = { exe_path: '*/python3', ...labels }
  type Case = [name: string, discovery: object, want: string]
  const cases: Case[] = [
    ['an entry that only the pod can tell', { instrument: [labels] }, 'awaited'],
    ['an entry that something else rules out', { instrument: [other] }, 'no'],
    [
      'another entry matches',
      { instrument: [labels, { exe_path: '*/nginx' }], ...NO_DEFAULTS },
      'yes',
    ],
    ['an exclusion', { exclude_instrument: [labels] }, 'awaited'],
    [
      'an exclusion of what nobody selects',
      { instrument: [other], exclude_instrument: [labels] },
      'no',
    ],
    ['an exclusion that is certain', { exclude_instrument: [labels, { exe_path: '*' }] }, 'no'],
    ['in place of the built-in ones', { default_exclude_instrument: [labels] }, 'awaited'],
    ['the built-in namespaces', {}, 'awaited'],
  ]
  for (const [name, discovery, want] of cases) {
    test(name, () => assert.equal(decided(discovery, 'awaited'), want))
    if (want !== 'awaited') continue
    test(`${name}, when nobody tells`, () => {
      const excluded = Object.keys(discovery).some((key) => key.includes('exclude'))
      const all = Object.keys(discovery).length === 0
      assert.equal(decided(discovery, undefined), excluded || all ? 'yes' : 'no')
    })
  }

  test('names that the node has are not waited for', () => {
    const container = { name: 'web', podName: 'cart-x', namespace: 'shop' }
    const known = { describe: () => descriptionOf({ container }) }
    const entry = { k8s_namespace: 'shop', k8s_pod_name: 'cart-*', k8s_container_name: 'web' }
    assert.equal(decided({ instrument: [entry] }, 'awaited', known), 'yes')
  })

  test('a namespace of the cluster itself is known by Kubernetes, too', () => {
    assert.equal(decided({}, { ...DEPLOYED, namespace: 'kube-system' }), 'no')
  })
})
