import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import http from 'node:http'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { testContext } from '../../test/support/context.ts'
import { schema } from './config.ts'
import { Detection } from './detection.ts'
import { detected, metadata } from './testing.ts'
import { realWorld } from './world.ts'

const on = (...names: string[]) => ({
  resource_attributes: Object.fromEntries(names.map((name) => [name, { enabled: true }])),
})

const TOKEN = '/latest/api/token'

/** An instance of Amazon whose document is there from the request with that number on, counted from 0. */
function ec2(answersFrom: number) {
  let asked = 0
  const guard = ({ url }: http.IncomingMessage) =>
    !url?.endsWith('/document') || asked++ >= answersFrom
  const answers = {
    [`PUT ${TOKEN}`]: 'token',
    '/latest/meta-data/instance-id': 'i-1',
    '/latest/meta-data/hostname': 'h',
    '/latest/dynamic/instance-identity/document': '{"region":"eu-central-1"}',
  }
  return { answers, guard, asked: () => asked }
}

describe('a detector that fails although its place is here', () => {
  const failing = async (t: Parameters<typeof metadata>[0], from: number, settings: object) => {
    const { answers, guard, asked } = ec2(from)
    const world = { metadata: await metadata(t, answers, guard) }
    return { asked, found: detected({ detectors: ['ec2'], ...settings }, world) }
  }

  test('looks again; the wait grows by multiplier, and not beyond max_interval', async (t) => {
    const began = performance.now()
    const retry = {
      initial_interval: '10ms',
      randomization_factor: 0,
      multiplier: 1e9,
      max_interval: '40ms',
    }
    const { found, asked } = await failing(t, 3, { retry, timeout: '60s' })
    assert.equal((await found)['cloud.region'], 'eu-central-1')
    assert.equal(asked(), 4)
    assert(performance.now() - began >= 10 + 40 + 40 - 5)
  })

  test('does not look again with retry off', async (t) => {
    const { found, asked } = await failing(t, 1, { retry: { enabled: false } })
    await assert.rejects(found, /failed to detect resource by ec2/)
    assert.equal(asked(), 1)
  })

  test('is given up after timeout', async (t) => {
    // Long enough for a busy machine to tell that it is Amazon's, before the document fails.
    const settings = { timeout: '2s', retry: { initial_interval: '1h', max_interval: '1h' } }
    const { found } = await failing(t, 1000, settings)
    await assert.rejects(found, /failed to detect resource by ec2/)
  })

  test('is given up after max_elapsed_time, whatever timeout says', async (t) => {
    const settings = {
      timeout: '1h',
      retry: { initial_interval: '1h', max_interval: '1h', max_elapsed_time: '2s' },
    }
    const { found } = await failing(t, 1000, settings)
    await assert.rejects(found, /failed to detect resource by ec2/)
  })
})

test('ec2::fail_on_missing_metadata: looks again until its place is here', async (t) => {
  const { answers } = ec2(0)
  let asked = 0
  const world = { metadata: await metadata(t, answers, ({ url }) => url !== TOKEN || asked++ > 1) }
  const settings = {
    detectors: ['ec2'],
    timeout: '60s',
    retry: { initial_interval: '1ms' },
    ec2: { fail_on_missing_metadata: true },
  }
  assert.equal((await detected(settings, world))['cloud.region'], 'eu-central-1')
})

test('refresh_interval: looks again later', async () => {
  const env: Record<string, string> = { OTEL_RESOURCE_ATTRIBUTES: 'a=1' }
  const config = schema.parse({ detectors: ['env'], refresh_interval: '5ms' })
  const detection = new Detection(testContext().ctx, config, { ...realWorld, env })
  await detection.start()
  env['OTEL_RESOURCE_ATTRIBUTES'] = 'a=2'
  const now = () => Object(detection.attributes[0]?.value).value
  // The timer holds no process alive; this one does.
  while (now() !== '2') await new Promise((resolve) => setTimeout(resolve, 1))
  detection.stop()
})

describe('attributes that are off unless they are asked for', () => {
  test('system', async () => {
    const names = ['host.arch', 'host.interface', 'host.ip', 'host.mac', 'os.build.id']
    const config = {
      detectors: ['system'],
      system: { hostname_sources: ['os'], ...on(...names, 'os.description') },
    }
    const read = (file: string) =>
      file === '/etc/os-release' ? 'PRETTY_NAME="Debian 13"\nBUILD_ID=20261121\n' : ''
    const found = await detected(config, { read })
    const outside = Object.values(networkInterfaces())
      .flatMap((one) => one ?? [])
      .filter(({ internal }) => !internal)
    assert.deepEqual(found['host.ip'] ?? [], [...new Set(outside.map(({ address }) => address))])
    assert.equal(found['os.build.id'], '20261121')
    assert.match(String(found['os.description']), /^Debian 13 \(Linux h /)
    assert.match(String(found['host.arch']), /^(amd64|arm64)$/)
    if (outside.length > 0) assert.match(String(found['host.mac']), /^([0-9A-F]{2}-?){6}/)
    assert.equal('host.interface' in found, outside.length > 0)
  })

  test('docker, by its socket', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'weir-docker-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const answers: Readonly<Record<string, object>> = {
      '/info': { Name: 'node-1', OSType: 'linux' },
      '/containers/h/json': { Name: '/weir', Config: { Image: 'weir:1' } },
    }
    const server = http.createServer(({ url }, response) =>
      response.end(JSON.stringify(answers[url ?? ''] ?? {})),
    )
    server.listen(join(folder, 'docker.sock'))
    await once(server, 'listening')
    t.after(() => server.close())
    const env = { DOCKER_HOST: `unix://${folder}/docker.sock` }
    const docker = on('container.name', 'container.image.name')
    assert.deepEqual(await detected({ detectors: ['docker'], docker }, { env }), {
      'host.name': 'node-1',
      'os.type': 'linux',
      'container.name': 'weir',
      'container.image.name': 'weir:1',
    })
  })

  test('gcp', async (t) => {
    const answers = {
      '/': 'computeMetadata/',
      '/computeMetadata/v1/instance/name': 'vm-1',
      '/computeMetadata/v1/instance/hostname': 'vm-1.c.my-project.internal',
      '/computeMetadata/v1/instance/attributes/created-by':
        'projects/1/regions/europe-west3/instanceGroupManagers/group-1',
    }
    const base = await metadata(t, answers, undefined, { 'metadata-flavor': 'Google' })
    const gcp = on('gcp.gce.instance.name', 'gcp.gce.instance.hostname')
    assert.deepEqual(await detected({ detectors: ['gcp'], gcp }, { metadata: base }), {
      'cloud.provider': 'gcp',
      'cloud.platform': 'gcp_compute_engine',
      'host.name': 'vm-1',
      'gcp.gce.instance.name': 'vm-1',
      'gcp.gce.instance.hostname': 'vm-1.c.my-project.internal',
      'gcp.gce.instance_group_manager.name': 'group-1',
      'gcp.gce.instance_group_manager.region': 'europe-west3',
    })
    const env = {
      CLOUD_RUN_JOB: 'job',
      CLOUD_RUN_EXECUTION: 'job-x',
      CLOUD_RUN_TASK_INDEX: '3',
    }
    const inJob = await detected({ detectors: ['gcp'] }, { env, metadata: base })
    assert.equal(inJob['gcp.cloud_run.job.execution'], 'job-x')
    assert.equal(inJob['gcp.cloud_run.job.task_index'], '3')
  })

  test('lambda', async () => {
    const env = {
      AWS_LAMBDA_FUNCTION_NAME: 'f',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
    }
    const found = await detected({ detectors: ['lambda'] }, { env })
    assert.equal(found['faas.max_memory'], '128')
  })

  test('dynatrace', async () => {
    const read = () => 'dt.smartscape.host=HOST-7\n'
    const found = await detected({ detectors: ['dynatrace'] }, { read })
    assert.deepEqual(found, { 'dt.smartscape.host': 'HOST-7' })
  })
})
