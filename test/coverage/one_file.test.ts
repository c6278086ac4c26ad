import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { Executables } from '../../receivers/ebpf/discovery/executable.ts'
import { brought, setUp } from './bring.ts'

/** Programs in one file hold a runtime, and are named as their makers please. */
describe('the runtime in a program of another name', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-one-file-'))
  const shop = join(folder, 'shop')
  after(() => rmSync(folder, { recursive: true }))

  const [newest] = setUp.NODES.map(({ version }) => version).sort(
    (a, b) => Number.parseInt(b, 10) - Number.parseInt(a, 10),
  )
  const runtimes = [
    ['node', setUp.bringNode(newest ?? '')],
    ['bun', brought.bun],
    ['deno', brought.deno],
  ] as const
  for (const [name, file] of runtimes) {
    test(name, () => {
      copyFileSync(file, shop)
      assert.equal(new Executables().read(shop).javascript, name)
    })
  }

  test('bun build --compile', () => {
    const source = join(folder, 'shop.ts')
    writeFileSync(source, 'console.log(1 + 1)')
    execFileSync(brought.bun, ['build', '--compile', source, '--outfile', shop], {
      stdio: 'ignore',
    })
    assert.equal(execFileSync(shop, { encoding: 'utf8' }), '2\n')
    assert.equal(new Executables().read(shop).javascript, 'bun')
  })
})
