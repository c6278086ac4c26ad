import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { mappedCandidates } from './candidates.ts'

const NAME = '/app/libssl.so.3'
const TGID = 7

describe('mappedCandidates', () => {
  let proc: string
  let own: string
  beforeEach(() => {
    proc = mkdtempSync(join(tmpdir(), 'weir-proc-'))
    own = join(proc, String(TGID))
    mkdirSync(join(own, 'root/app'), { recursive: true })
    mkdirSync(join(own, 'map_files'))
  })
  afterEach(() => rmSync(proc, { recursive: true }))

  const inRoot = () => join(own, `root${NAME}`)
  const maps = (inode: string, access = 'r-xp') =>
    writeFileSync(
      join(own, 'maps'),
      `00400000-00452000 ${access} 00001000 08:02 ${inode}      ${NAME}\n`,
    )
  const inode = () => String(statSync(inRoot()).ino)
  const paths = () => mappedCandidates(TGID, '/app/server', proc)?.map(({ path }) => path)

  test('finds a library by map_files', () => {
    writeFileSync(inRoot(), '')
    maps(inode())
    symlinkSync(inRoot(), join(own, 'map_files/400000-452000'))
    assert.deepEqual(paths(), [join(own, 'map_files/400000-452000')])
  })

  test("finds it in the process' root where map_files is not allowed", () => {
    writeFileSync(inRoot(), '')
    maps(inode())
    assert.deepEqual(paths(), [inRoot()])
  })

  test('takes no other file that has its name now', () => {
    writeFileSync(inRoot(), '')
    maps('1')
    assert.deepEqual(paths(), [])
  })

  test('takes what is mapped executable alone', () => {
    writeFileSync(inRoot(), '')
    maps(inode(), 'r--p')
    assert.deepEqual(paths(), [])
  })
})
