import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { attribute } from '../../pipeline/data/attributes.ts'
import type { Process } from './discovery/process.ts'
import { processResource, readHost } from './resource.ts'

const host = { name: 'box', id: 'abc', arch: 'amd64' }
const app: Process = {
  tgid: 42,
  parent: 7,
  startedNs: 0,
  comm: 'python3',
  exePath: '/usr/bin/python3.11',
  args: ['python3', 'app.py', '--password=hunter2'],
  env: new Map(),
}

const plain = (process: Process) =>
  Object.fromEntries(
    processResource(process, host, '1.2.3').attributes.map(({ key, value }) => [
      key,
      'value' in value ? value.value : undefined,
    ]),
  )

describe('processResource', () => {
  test('says what runs where, and nothing of its arguments', () => {
    assert.deepEqual(plain(app), {
      'service.name': 'app',
      'service.instance.id': 'box:42',
      'process.pid': 42,
      'process.parent_pid': 7,
      'process.executable.name': 'python3.11',
      'process.executable.path': '/usr/bin/python3.11',
      'process.runtime.name': 'python',
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
    const { attributes } = processResource({ ...app, env }, host, '1')
    assert.deepEqual(attribute(attributes, 'service.name'), { kind: 'string', value: 'shop' })
    assert.deepEqual(attribute(attributes, 'service.version'), { kind: 'string', value: '9' })
    assert.deepEqual(
      attributes.filter(({ key }) => key === 'host.name').map(({ value }) => value),
      [{ kind: 'string', value: 'pod-1' }],
    )
  })

  test('leaves out what is not known', () => {
    const keys = Object.keys(plain({ ...app, exePath: '', args: [], comm: 'x' }))
    assert.ok(!keys.includes('process.executable.path'))
    assert.ok(!keys.includes('process.runtime.name'))
  })
})

test('readHost names this host', () => {
  const { name, arch } = readHost()
  assert.ok(name.length > 0)
  assert.match(arch, /^(amd64|arm64|x86|[a-z0-9]+)$/)
})
