import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { NO_CGROUP } from './cgroup.ts'
import { compileGlob } from './glob.ts'
import type { ServiceSettings } from './process.ts'
import { type InstrumentEntry, Selection, type SelectionRules } from './selection.ts'
import type { Selector } from './selector.ts'
import { descriptionOf, processOf, surroundings } from './testing.ts'

const glob = (text: string) => {
  const compiled = compileGlob(text)
  assert.ok(compiled instanceof RegExp)
  return compiled
}

const ID = 'ab'.repeat(32)
const inContainer = { cgroup: { ...NO_CGROUP, path: `/docker/${ID}`, containerId: ID } }
const inPod = { cgroup: { ...inContainer.cgroup, podUid: '0f1e2d3c' } }
const pod = (namespace: string) =>
  descriptionOf({ container: { name: 'app', podName: 'cart-7d9f-x2x4z', namespace } })

describe('criteria', () => {
  type Case = [name: string, selector: Selector, process: object, around: object, want: boolean]
  const go = { describe: () => descriptionOf({ language: 'go' }) }
  const shop = { describe: () => pod('shop') }
  const docker = {
    describe: () => descriptionOf({ container: { name: 'web-1', podName: '', namespace: '' } }),
  }
  const cases: Case[] = [
    ['a language', { languages: glob('{go,java}') }, {}, go, true],
    ['another language', { languages: glob('python') }, {}, go, false],
    ['in a container', { containersOnly: true }, inContainer, {}, true],
    ['not in a container', { containersOnly: true }, {}, {}, false],
    ["a container's name", { containerName: glob('web-*') }, inContainer, docker, true],
    ["another container's name", { containerName: glob('db-*') }, inContainer, docker, false],
    ['a pod', { podName: glob('cart-*'), podNamespace: glob('shop') }, inPod, shop, true],
    ['a pod of another namespace', { podNamespace: glob('prod') }, inPod, shop, false],
    ["a container's name within a pod", { k8sContainerName: glob('app') }, inPod, shop, true],
    ['a container outside of pods', { k8sContainerName: glob('*') }, inContainer, docker, false],
  ]
  for (const [name, selector, process, around, want] of cases) {
    test(name, () => {
      const selection = new Selection({ instrument: [selector] }, 1)
      assert.equal(selection.decide(processOf(process), surroundings(around)).selected, want)
    })
  }
})

describe('entries that match together', () => {
  const sample = () => true
  const entries: InstrumentEntry[] = [
    { exePath: glob('*'), settings: { name: 'all', namespace: 'shop' } },
    { exePath: glob('*nginx'), settings: { name: 'edge', sample } },
    { exePath: glob('*curl'), settings: { exportsTraces: false, exportsMetrics: false } },
  ]
  const decide = (exePath: string) =>
    new Selection({ instrument: entries }, 1).decide(processOf({ exePath }), surroundings())

  test('a later one overrides what it says, and nothing else', () => {
    const { settings, rule } = decide('/bin/nginx')
    const want: ServiceSettings = {
      name: 'edge',
      namespace: 'shop',
      exportsTraces: true,
      exportsMetrics: true,
      sample,
      routes: undefined,
    }
    assert.deepEqual([settings, rule], [want, 'instrument[0], instrument[1]'])
  })

  test('without traces among its exports a process is not watched', () => {
    const { selected, rule } = decide('/bin/curl')
    assert.equal(selected, false)
    assert.equal(rule, 'instrument[0], instrument[2]: its exports have neither traces nor metrics')
  })
})

describe('exclusions', () => {
  type Case = [name: string, rules: Partial<SelectionRules>, change: object, want: string]
  const kube = { describe: () => pod('kube-system') }
  const every = 'default: every process'
  const cases: Case[] = [
    ['the namespace of the cluster', {}, kube, 'default: the namespace kube-system'],
    ['other defaults', { defaultExclude: [] }, kube, every],
    [
      'an entry of other defaults',
      { defaultExclude: [{ podName: glob('cart*') }] },
      kube,
      'default_exclude_instrument[0]',
    ],
    [
      'what exports its own traces',
      {},
      { exportsOtlp: true },
      'exclude_otel_instrumented_services: it exports traces by OTLP itself',
    ],
    ['the same, if told so', { excludeInstrumented: false }, { exportsOtlp: true }, every],
  ]
  for (const [name, rules, change, want] of cases) {
    test(name, () => {
      const { rule } = new Selection(rules, 1).decide(processOf(inPod), surroundings(change))
      assert.equal(rule, want)
    })
  }
})
