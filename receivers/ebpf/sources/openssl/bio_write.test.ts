import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { findBioWrite } from './bio_write.ts'
import { type Build, memoryOf, readBuild, replaceCode } from './testing.ts'

function describeWrite(build: Build): string | undefined {
  const found = findBioWrite(memoryOf(build), build.symbols)
  return found && `${found.arguments.toString(16)} ${found.pointer}, ${found.result.toString(16)}`
}

const builds: [build: string, want: string][] = [
  ['debian_12_libssl_3.0.22_bio', '22f89 rcx, 22f95'],
  ['pycurl_libssl_3.6.5_bio', '2749f r8, 274ab'],
  ['node_26.10.0_bio', '1c3c34a r8, 1c3c357'],
]

type Spoil = (build: Build) => unknown

/** Of Debian 12's build. */
const spoilt: [name: string, spoil: Spoil][] = [
  ['no BIO_f_ssl', ({ symbols }) => symbols.delete('BIO_f_ssl')],
  ['no SSL_write', ({ symbols }) => symbols.delete('SSL_write')],
  ['BIO_f_ssl does more', (build) => replaceCode(build, '488d0569870700c3', '488d056987070090')],
  ['an empty table', ({ pointers }) => pointers.clear()],
  ['another function is called', (build) => replaceCode(build, 'e852260100', 'e853260100')],
  ['the result is changed behind the call', (build) => replaceCode(build, '89c5', '31c0')],
]

describe('where BIO_f_ssl writes', {
  skip: process.arch !== 'x64' && 'disassembles x86-64',
}, () => {
  for (const [build, want] of builds) {
    test(build, () => assert.equal(describeWrite(readBuild(build)), want))
  }
  for (const [name, spoil] of spoilt) {
    test(`none: ${name}`, () => {
      const build = readBuild('debian_12_libssl_3.0.22_bio')
      spoil(build)
      assert.equal(describeWrite(build), undefined)
    })
  }
  test('every cut of every function is taken', () => {
    const whole = readBuild('debian_12_libssl_3.0.22_bio')
    for (const [address, code] of whole.code) {
      for (let length = 0; length < code.length; length++) {
        const cut = new Map(whole.code).set(address, code.subarray(0, length))
        assert.doesNotThrow(() => describeWrite({ ...whole, code: cut }))
      }
    }
  })
})
