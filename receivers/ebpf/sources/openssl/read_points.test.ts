import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { findReadPoints } from './read_points.ts'
import { type Build, memoryOf, readBuild, replaceCode } from './testing.ts'

const REGISTERS = 'rax rcx rdx rbx rsp rbp rsi rdi r8 r9 r10 r11 r12 r13 r14 r15'.split(' ')

function describePoints(build: Build): string[] | undefined {
  return findReadPoints(memoryOf(build), build.symbols)?.map((point) => {
    const peek = point.peek === undefined ? '' : `, ${REGISTERS[point.peek]} 0`
    const named = [point.object, point.buffer, point.count, point.length ?? -1].map(
      (register) => REGISTERS[register],
    )
    return `${point.address.toString(16)}: ${named.join(' ')}${peek}`
  })
}

/** `rbx rbp r14 r12, r13 0`: SSL, buffer, the count's address and the length, in calls where r13 is 0. */
const builds: [build: string, want: string[]][] = [
  ['debian_11_libssl_1.1.1w', ['2d6e1: rbp r12 r14 rbx, r13 0', '2d73f: rbp r12 r14 rbx, r13 0']],
  ['debian_12_libssl_3.0.19', ['29713: rbx rbp r14 r12, r13 0', '2977f: rbx rbp r14 r12, r13 0']],
  ['debian_13_libssl_3.5.7', ['2ef36: rbx rbp r14 r12, r13 0', '2efa2: rbx rbp r14 r12, r13 0']],
  ['node_20.20.2', ['1a5c30a: r12 r13 r14 rbx', '1a5c371: r12 r13 r14 rbx']],
  ['node_22.23.3', ['1f38f41: r12 r13 r14 rbx', '1f38fa4: r12 r13 r14 rbx']],
  ['node_26.10.0', ['1c42ab2: rbx r12 r13 r15, r14 0', '1c42af3: rbx r12 r13 r15']],
]

type Spoil = (build: Build) => unknown

/** Of Debian 12's build. */
const spoilt: [name: string, spoil: Spoil][] = [
  ['no TLS_method', ({ symbols }) => symbols.delete('TLS_method')],
  ['no SSL_read_ex', ({ symbols }) => symbols.delete('SSL_read_ex')],
  ['TLS_method does more', (build) => replaceCode(build, '488d0559da0700c3', '488d0559da070090')],
  ['an empty table', ({ pointers }) => pointers.clear()],
  ['the object is not kept', (build) => replaceCode(build, '4889fb', '4889f3')],
  ['the buffer is not kept', (build) => replaceCode(build, '4889f5', '4889d5')],
  ["the count's address is not kept", (build) => replaceCode(build, '4d89c6', '4d89ce')],
  ['peeking is not told apart', (build) => replaceCode(build, '4189cd', '4189d5')],
  ['the result is changed before the jump', (build) => replaceCode(build, '83f8ff', '83c001')],
  [
    'no code behind the first function',
    ({ code, symbols }) => {
      for (const address of code.keys()) {
        if (![...symbols.values()].some((one) => one.address === address)) code.delete(address)
      }
    },
  ],
]

describe('read points', { skip: process.arch !== 'x64' && 'disassembles x86-64' }, () => {
  for (const [build, want] of builds) {
    test(build, () => assert.deepEqual(describePoints(readBuild(build)), want))
  }
  for (const [name, spoil] of spoilt) {
    test(`none: ${name}`, () => {
      const build = readBuild('debian_12_libssl_3.0.19')
      spoil(build)
      assert.equal(describePoints(build), undefined)
    })
  }
  test('every cut of every function is taken', () => {
    const whole = readBuild('node_26.10.0')
    for (const [address, code] of whole.code) {
      for (let length = 0; length < 256; length++) {
        const cut = new Map(whole.code).set(address, code.subarray(0, length))
        assert.doesNotThrow(() => describePoints({ ...whole, code: cut }))
      }
    }
  })
})
