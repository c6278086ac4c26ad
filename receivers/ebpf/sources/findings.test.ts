import assert from 'node:assert/strict'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { buildKey, DiskFindings } from './findings.ts'

const ID = 'ab'.repeat(20)

describe('findings on disk', () => {
  let root: string
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'weir-findings-'))
  })
  after(() => rmSync(root, { recursive: true }))

  /** One start of weir: what it is asked for, and what it tells. */
  function start(name: string, version = '1.0.0') {
    const told: string[] = []
    const folder = join(root, name)
    const findings = new DiskFindings(folder, version, {
      corrupt: () => told.push('corrupt'),
      unusable: () => told.push('unusable'),
    })
    let asked = 0
    const ask = (id = ID) => findings.of('go', id, async () => ({ probes: [++asked] }))
    return { folder, told, ask, asked: () => asked }
  }
  const first = async (name: string) => {
    const one = start(name)
    assert.deepEqual(await one.ask(), { probes: [1] })
    return { ...one, path: join(one.folder, `go-${ID}`) }
  }

  test('the next start finds them', async () => {
    await first('kept')
    const { ask, asked } = start('kept')
    assert.deepEqual(await ask(), { probes: [1] })
    assert.equal(asked(), 0)
  })

  test('one start asks once', async () => {
    const { ask, asked } = await first('once')
    await ask()
    assert.equal(asked(), 1)
  })

  test('another release asks again, and says nothing', async () => {
    await first('release')
    const { ask, asked, told } = start('release', '1.0.1')
    await ask()
    assert.deepEqual([asked(), told], [1, []])
  })

  const damages: [name: string, damage: (path: string, text: string) => void][] = [
    ['one byte is other', (path, text) => writeFileSync(path, text.replace('[1]', '[2]'))],
    ['cut', (path, text) => writeFileSync(path, text.slice(0, -3))],
    ['empty', (path) => writeFileSync(path, '')],
    ['no text', (path) => writeFileSync(path, Buffer.alloc(1000, 0xff))],
    ['far too long', (path) => writeFileSync(path, Buffer.alloc(1 << 20))],
  ]
  for (const [name, damage] of damages) {
    test(`a damaged one is told of and made anew: ${name}`, async () => {
      const { path } = await first(name)
      damage(path, readFileSync(path, 'utf8'))
      const { ask, asked, told } = start(name)
      assert.deepEqual(await ask(), { probes: [1] })
      assert.deepEqual([asked(), told], [1, ['corrupt']])
      assert.match(readFileSync(path, 'utf8'), /\{"probes":\[1\]\}$/)
    })
  }

  test('a link is not followed', async () => {
    const { path } = await first('link')
    rmSync(path)
    symlinkSync(join(root, 'kept', `go-${ID}`), path)
    const { ask, asked } = start('link')
    await ask()
    assert.equal(asked(), 1)
  })

  test('a folder that cannot be made, or that others may write to, is not used', async () => {
    writeFileSync(join(root, 'file'), '')
    mkdirSync(join(root, 'open'))
    chmodSync(join(root, 'open'), 0o777)
    for (const name of ['file', 'open']) {
      const { ask, told, asked, folder } = start(name)
      await ask()
      await ask('cd'.repeat(20))
      assert.deepEqual([asked(), told], [2, ['unusable']])
      if (name === 'open') assert.deepEqual(readdirSync(folder), [])
    }
  })

  test('what is no id is never a name of a file', async () => {
    const { ask, asked, folder } = start('ids')
    for (const id of ['', '../../x', 'AB', 'a'.repeat(1000)]) await ask(id)
    await ask()
    assert.equal(asked(), 5)
    assert.deepEqual(readdirSync(folder), [`go-${ID}`])
  })

  test('there are never more than 1024 files, and the longest unused goes first', async () => {
    const { folder, ask } = start('many')
    const id = (n: number) => n.toString(16).padStart(40, '0')
    for (let n = 0; n < 1024; n++) {
      await ask(id(n))
      utimesSync(join(folder, `go-${id(n)}`), n === 0 ? 5000 : n, n === 0 ? 5000 : n)
    }
    await ask(id(5000))
    const names = new Set(readdirSync(folder))
    assert.ok(names.size <= 1024, `${names.size} files`)
    assert.ok(names.has(`go-${id(0)}`) && names.has(`go-${id(5000)}`))
    assert.ok(!names.has(`go-${id(1)}`))
  })

  test('the same build id in a file of another size is another build', () => {
    const [one, two] = ['a', 'ab'].map((text) => {
      const path = join(root, text)
      writeFileSync(path, text)
      return buildKey(path, ID)
    })
    assert.notEqual(one, two)
    assert.equal(buildKey(join(root, 'a'), ''), '')
  })
})
