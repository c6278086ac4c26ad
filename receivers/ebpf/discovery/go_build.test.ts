import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { Executables, NO_EXECUTABLE } from './executable.ts'
import { parseGoBuild } from './go_build.ts'

/** Of a program that was linked with -s -w. */
const SECTION = Buffer.from(
  readFileSync(
    new URL(
      '../../../../receivers/ebpf/discovery/testdata/go_1.26.8_buildinfo.hex',
      import.meta.url,
    ),
    'latin1',
  ).replaceAll('\n', ''),
  'hex',
)

describe('parseGoBuild', () => {
  test('reads version and main package', () => {
    const want = { version: '1.26.8', path: 'example.com/shop/v2/cmd/cart', moduleVersion: '' }
    assert.deepEqual(parseGoBuild(SECTION), want)
  })

  test('whatever it is cut to, it is read as far as it goes', () => {
    for (let bytes = 0; bytes < SECTION.length; bytes++) {
      const found = parseGoBuild(SECTION.subarray(0, bytes))
      assert.equal(found === undefined, bytes < 32, String(bytes))
    }
  })

  test('a build before 1.18 points to its version', () => {
    const old = Buffer.from(SECTION)
    old[15] = 0
    assert.deepEqual(parseGoBuild(old), { version: '', path: '', moduleVersion: '' })
  })
})

describe('Executables', () => {
  test('reads the executable of this process', () => {
    const found = new Executables().read('/proc/self/exe')
    assert.equal(found.go, undefined)
    assert.match(found.buildId, /^(?:[0-9a-f]{16,})?$/)
  })

  test('gives nothing for a text, or for no file', () => {
    for (const path of ['/etc/passwd', '/nowhere']) {
      assert.deepEqual(new Executables().read(path), NO_EXECUTABLE)
    }
  })
})
