import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { attribute } from '../../pipeline/data/attributes.ts'
import { NO_CGROUP } from './discovery/cgroup.ts'
import type { Description } from './discovery/description.ts'
import { identify } from './discovery/identity.ts'
import { DEFAULT_SETTINGS, type Process } from './discovery/process.ts'
import { runtimeOf } from './discovery/runtime.ts'
import { BY_ITSELF, descriptionOf, processOf } from './discovery/testing.ts'
import { type ProcessFacts, processResource, readHost } from './resource.ts'

const host = { name: 'box', id: 'abc', arch: 'amd64' }
const app: Process = processOf({
  tgid: 4_194_342,
  parent: 7,
  exePath: '/usr/bin/python3.11',
  args: ['python3', 'app.py', '--password=hunter2'],
})

function factsOf(process: Process, more: Partial<ProcessFacts> = {}): ProcessFacts {
  const description = descriptionOf({ executable: { buildId: 'c0ffee' } })
  return serviceFacts(
    process,
    { ...description, runtime: runtimeOf(process, description.executable) },
    more,
  )
}

function serviceFacts(
  process: Process,
  description: Description,
  more: Partial<ProcessFacts> = {},
): ProcessFacts {
  return {
    process,
    description,
    identity: identify({ process, ...description, chosen: DEFAULT_SETTINGS, ...BY_ITSELF }),
    startedMs: Date.UTC(2026, 0, 2),
    pod: undefined,
    clusterName: '',
    ...more,
  }
}

const plain = (facts: ProcessFacts) =>
  Object.fromEntries(
    processResource(facts, host, '1.2.3').attributes.map(({ key, value }) => [
      key,
      'value' in value ? value.value : undefined,
    ]),
  )

describe('processResource', () => {
  test('says what runs where, and nothing of its arguments', () => {
    assert.deepEqual(plain(factsOf(app)), {
      'service.name': 'app',
      'service.instance.id': 'box:4194342',
      'process.pid': 4_194_342,
      'process.parent_pid': 7,
      'process.creation.time': '2026-01-02T00:00:00.000Z',
      'process.executable.build_id.gnu': 'c0ffee',
      'process.executable.name': 'python3.11',
      'process.executable.path': '/usr/bin/python3.11',
      'process.runtime.name': 'cpython',
      'process.runtime.version': '3.11',
      'host.name': 'box',
      'host.id': 'abc',
      'host.arch': 'amd64',
      'os.type': 'linux',
      'telemetry.sdk.name': 'weir',
      'telemetry.sdk.language': 'python',
      'telemetry.sdk.version': '1.2.3',
      'telemetry.distro.name': 'weir',
      'telemetry.distro.version': '1.2.3',
    })
  })

  test('what the process was told comes first, once', () => {
    const env = new Map([
      ['OTEL_SERVICE_NAME', 'shop'],
      ['OTEL_RESOURCE_ATTRIBUTES', 'service.name=x,service.version=9,host.name=pod-1'],
    ])
    const { attributes } = processResource(factsOf({ ...app, env }), host, '1')
    assert.deepEqual(attribute(attributes, 'service.name'), { kind: 'string', value: 'shop' })
    assert.deepEqual(attribute(attributes, 'service.version'), { kind: 'string', value: '9' })
    assert.deepEqual(
      attributes.filter(({ key }) => key === 'host.name').map(({ value }) => value),
      [{ kind: 'string', value: 'pod-1' }],
    )
  })

  test('says in which container and pod', () => {
    const container = { name: 'app', podName: 'cart-x2x4z', namespace: 'shop' }
    const cgroup = { ...NO_CGROUP, path: '/x', containerId: 'ab12', podUid: 'u-1' }
    const facts = factsOf({ ...app, cgroup })
    const found = plain(serviceFacts(facts.process, { ...facts.description, container }))
    const want = {
      'service.namespace': 'shop',
      'service.instance.id': 'shop.cart-x2x4z.app',
      'container.id': 'ab12',
      'k8s.container.name': 'app',
      'k8s.pod.uid': 'u-1',
      'k8s.pod.name': 'cart-x2x4z',
      'k8s.namespace.name': 'shop',
    }
    assert.deepEqual({ ...found, ...want }, found)
  })

  test('leaves out what is not known', () => {
    const keys = Object.keys(
      plain(factsOf({ ...app, exePath: '', args: [], comm: 'x' }, { startedMs: 0 })),
    )
    assert.ok(!keys.includes('process.executable.path'))
    assert.ok(!keys.includes('process.runtime.name'))
    assert.ok(!keys.includes('process.creation.time'))
  })
})

test('readHost names this host', () => {
  const { name, arch } = readHost()
  assert.ok(name.length > 0)
  assert.match(arch, /^(amd64|arm64|x86|[a-z0-9]+)$/)
})
