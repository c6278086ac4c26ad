import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Containers, NO_NAMES } from './container_names.ts'

const id = (digit: string) => digit.repeat(64)

describe('Containers', () => {
  let root: string
  const file = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'weir-containers-'))
    file(`var/log/containers/cart-7d9f-x2x4z_shop_app-${id('a')}.log`, '')
    file(`var/lib/docker/containers/${id('b')}/config.v2.json`, '{"Name": "/web-1"}')
    file(
      'var/lib/containers/storage/overlay-containers/containers.json',
      JSON.stringify([{ id: id('c'), names: ['db', 'x'] }]),
    )
    file(`var/lib/docker/containers/${id('d')}/config.v2.json`, '{')
  })
  after(() => rmSync(root, { recursive: true }))

  type Case = [name: string, id: string, want: object]
  const cases: Case[] = [
    ['of the kubelet', id('a'), { name: 'app', podName: 'cart-7d9f-x2x4z', namespace: 'shop' }],
    ['of Docker', id('b'), { ...NO_NAMES, name: 'web-1' }],
    ['of Podman', id('c'), { ...NO_NAMES, name: 'db' }],
    ['of a broken file', id('d'), NO_NAMES],
    ['of nobody', id('e'), NO_NAMES],
    ['none', '', NO_NAMES],
  ]
  for (const [name, containerId, want] of cases) {
    test(name, () => assert.deepEqual(new Containers(root).names(containerId), want))
  }

  test('a container that is described later is found then', () => {
    const containers = new Containers(root)
    assert.equal(containers.names(id('f')).name, '')
    file(`var/lib/docker/containers/${id('f')}/config.v2.json`, '{"Name": "/late"}')
    assert.equal(containers.names(id('f')).name, 'late')
  })
})
