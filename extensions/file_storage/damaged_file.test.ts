import assert from 'node:assert/strict'
import { openSync, readdirSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { body, FILE, fill, folder, OWNER, storageIn } from './testing.ts'

describe('a damaged file', () => {
  /** Opens what `harm` has left, and reads every record. */
  async function after(t: TestContext, records: number, harm: (path: string) => void) {
    const directory = folder(t)
    await fill(t, directory, records)
    harm(join(directory, FILE))
    const { extension, lines } = await storageIn(t, directory)
    const client = await extension.storage(OWNER)
    const heads = await client.records()
    const read = await Promise.all(heads.map(({ id }) => client.read(id)))
    await client.append(1, '', body(1))
    const good = heads.filter((_, i) => read[i]?.kind === 'record')
    for (const { id } of good) {
      const record = read[heads.findIndex((head) => head.id === id)]
      assert(record?.kind === 'record')
      assert.deepEqual(record.body, body(id))
    }
    const bad = read.filter((one) => one.kind === 'damaged')
    return { good: good.length, bad, damage: client.damage, lines, files: readdirSync(directory) }
  }

  const flip = (path: string, at: number) => {
    const file = openSync(path, 'r+')
    writeSync(file, Buffer.from([0xff, 0x00, 0xa5]), 0, 3, at)
  }

  test('one record whose bytes have changed is set aside alone', async (t) => {
    const { good, bad, damage, files } = await after(t, 20, (path) =>
      flip(path, Math.floor(statSync(path).size / 2)),
    )
    const lost = (damage?.records ?? 0) + bad.length
    assert.equal(good + lost, 20)
    assert(lost >= 1 && lost <= 3, `${lost} lost`)
    assert(files.some((name) => name.includes('.damaged-')))
  })

  test('a cut file gives what is in its first part, and says how much is missing', async (t) => {
    const { good, bad, damage, files, lines } = await after(t, 40, (path) =>
      truncateSync(path, Math.floor(statSync(path).size / 2)),
    )
    assert(good >= 10, `${good} saved`)
    assert.equal(good + bad.length + (damage?.records ?? 0), 40)
    assert(files.some((name) => name.startsWith(`${FILE}.damaged-`)))
    assert.match(lines[0] ?? '', /A file was damaged/)
  })

  test('a header that is gone loses nothing', async (t) => {
    const { good } = await after(t, 20, (path) => {
      for (const at of [0, 16, 28, 40, 90]) flip(path, at)
    })
    assert.equal(good, 20)
  })

  test('what is no database at all is set aside whole', async (t) => {
    const { good, damage, files } = await after(t, 5, (path) =>
      writeFileSync(path, 'hello\n'.repeat(9000)),
    )
    assert.equal(good, 0)
    assert.equal(damage?.records, 0)
    assert(files.some((name) => name.startsWith(`${FILE}.damaged-`)))
  })

  test('wherever three bytes change, no other bytes come out and the rest is there', async (t) => {
    for (let page = 0; page < 60; page += 6) {
      const { good, bad, damage } = await after(t, 20, (path) =>
        flip(path, (page * 16_384 + page * 271) % statSync(path).size),
      )
      assert(good + bad.length + (damage?.records ?? 0) <= 20)
      assert(good >= 10, `page ${page}: ${good} saved, ${JSON.stringify(damage)}`)
    }
  })
})
