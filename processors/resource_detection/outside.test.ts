import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, test } from 'node:test'
import { detected } from './testing.ts'

describe('outside any cloud', () => {
  const CLOUDS = [
    'gcp',
    'ec2',
    'ecs',
    'eks',
    'lambda',
    'azure',
    'aks',
    'k8s_api',
    'docker',
    'dynatrace',
  ]

  test('nothing is found, and the start goes on', async () => {
    const env = { DOCKER_HOST: 'unix:///no/such/socket' }
    assert.deepEqual(await detected({ detectors: CLOUDS }, { env }), {})
  })

  test('a service that never answers is given up', async (t) => {
    const server = http.createServer(() => undefined).listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.after(() => {
      server.closeAllConnections()
      server.close()
    })
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const world = { metadata: base, probeMs: 20 }
    assert.deepEqual(await detected({ detectors: ['gcp', 'ec2', 'azure'] }, world), {})
  })

  for (const detector of CLOUDS) {
    test(`${detector}: a start that needs its place fails`, async () => {
      const env = { DOCKER_HOST: 'unix:///no/such/socket' }
      const config = {
        detectors: [detector],
        fail_on_missing_metadata: true,
        retry: { enabled: false },
      }
      await assert.rejects(
        detected(config, { env }),
        new RegExp(`failed to detect resource by ${detector}`),
      )
    })
  }
})
