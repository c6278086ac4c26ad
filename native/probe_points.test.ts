import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type CountPointer, firstArgumentPoint, type ProbePoint, planCall } from './probe_points.ts'

const TESTDATA = fileURLToPath(new URL('../../native/testdata/openssl/', import.meta.url))

const POINTERS: Readonly<Record<string, CountPointer>> = {
  SSL_read: 'none',
  SSL_read_ex: 'rcx',
  SSL_write: 'none',
  SSL_write_ex: 'rcx',
  SSL_write_ex2: 'r8',
}

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')

/** The function's bytes, as the named build has them. */
function codeOf(build: string, name: string): Buffer {
  const lines = readFileSync(`${TESTDATA}${build}.hex`, 'utf8').split('\n')
  return hex(lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1) ?? '')
}

const at = ({ offset, emulated }: ProbePoint) => `${offset}${emulated ? '' : ' (stepped)'}`

function describeCall(code: Buffer, pointer: CountPointer): string {
  const { mid, tailCall, entry } = planCall(code, pointer)
  if (mid !== undefined)
    return `${mid.pointer} at ${at(mid.arguments)}, result at ${at(mid.result)}`
  return tailCall ? 'tail call' : `entry at ${at(entry)}`
}

function describePlan(code: Buffer, name: string): string {
  const pointer = POINTERS[name]
  return pointer === undefined
    ? `rdi at ${at(firstArgumentPoint(code))}`
    : describeCall(code, pointer)
}

/** `r8 at 8`: the count's address is in r8 at the probe for arguments, 8 bytes from the start. */
const builds: [build: string, name: string, want: string][] = [
  ['debian_11_libssl_1.1.1w', 'SSL_free', 'rdi at 3'],
  ['debian_11_libssl_1.1.1w', 'SSL_read', 'none at 30, result at 55'],
  ['debian_11_libssl_1.1.1w', 'SSL_read_ex', 'rcx at 4, result at 9 (stepped)'],
  ['debian_11_libssl_1.1.1w', 'SSL_shutdown', 'rdi at 0'],
  ['debian_11_libssl_1.1.1w', 'SSL_write', 'none at 30, result at 55'],
  ['debian_11_libssl_1.1.1w', 'SSL_write_ex', 'rcx at 4, result at 9 (stepped)'],
  ['debian_12_libssl_3.0.19', 'SSL_free', 'rdi at 3'],
  ['debian_12_libssl_3.0.19', 'SSL_read', 'rcx at 30, result at 37'],
  ['debian_12_libssl_3.0.19', 'SSL_read_ex', 'rcx at 4, result at 9 (stepped)'],
  ['debian_12_libssl_3.0.19', 'SSL_shutdown', 'rdi at 0'],
  ['debian_12_libssl_3.0.19', 'SSL_write', 'rcx at 30, result at 37'],
  ['debian_12_libssl_3.0.19', 'SSL_write_ex', 'rcx at 4, result at 9 (stepped)'],
  ['debian_13_libssl_3.5.7', 'SSL_free', 'rdi at 7'],
  ['debian_13_libssl_3.5.7', 'SSL_read', 'rcx at 34, result at 41'],
  ['debian_13_libssl_3.5.7', 'SSL_read_ex', 'rcx at 8, result at 13 (stepped)'],
  ['debian_13_libssl_3.5.7', 'SSL_shutdown', 'rdi at 4'],
  ['debian_13_libssl_3.5.7', 'SSL_write', 'r8 at 36, result at 43'],
  ['debian_13_libssl_3.5.7', 'SSL_write_ex', 'tail call'],
  ['debian_13_libssl_3.5.7', 'SSL_write_ex2', 'r8 at 8, result at 13 (stepped)'],
  ['node_20.20.2', 'SSL_free', 'rdi at 3'],
  ['node_20.20.2', 'SSL_read', 'entry at 0'],
  ['node_20.20.2', 'SSL_write_ex', 'entry at 0'],
  ['node_22.23.3', 'SSL_free', 'rdi at 3'],
  ['node_22.23.3', 'SSL_read', 'entry at 0'],
  ['node_22.23.3', 'SSL_write_ex', 'entry at 0'],
  ['node_26.10.0', 'SSL_free', 'rdi at 0'],
  ['node_26.10.0', 'SSL_read', 'rcx at 18, result at 25'],
  ['node_26.10.0', 'SSL_write_ex', 'r8 at 13, result at 18 (stepped)'],
]

/*
 * A small SSL_read, to be spoilt:
 *      0  push rbp;  mov rbp, rsp;  sub rsp, 16
 *      8  lea rcx, [rbp - 8]
 *     12  call +100
 *     17  test eax, eax;  jle +3
 *     21  mov eax, [rbp - 8]
 *     24  leave;  ret
 */
const FRAME = '55 4889e5 4883ec10'
const SLOT = '488d4df8'
const CALL = 'e864000000'
const COUNT = '85c0 7e03 8b45f8'
const END = 'c9 c3'

const changed: [name: string, pointer: CountPointer, code: string, want: string][] = [
  ['as it is', 'none', FRAME + SLOT + CALL + COUNT + END, 'rcx at 12, result at 19'],
  ['rsi is overwritten', 'none', `${FRAME}31f6${SLOT}${CALL}${COUNT}${END}`, 'entry at 0'],
  [
    'part of rdi is overwritten',
    'none',
    `${FRAME}40b701${SLOT}${CALL}${COUNT}${END}`,
    'entry at 0',
  ],
  ['no address of a count', 'none', `${FRAME}31c990${CALL}${COUNT}${END}`, 'entry at 0'],
  ['another slot is read', 'none', `${FRAME}${SLOT}${CALL}85c0 7e03 8b45f0${END}`, 'entry at 0'],
  [
    'the slot is read if not above 0',
    'none',
    `${FRAME}${SLOT}${CALL}85c0 7f03 8b45f8${END}`,
    'entry at 0',
  ],
  [
    'another register is tested',
    'none',
    `${FRAME}${SLOT}${CALL}85d2 7e03 8b45f8${END}`,
    'entry at 0',
  ],
  ['the count is changed', 'none', `${FRAME}${SLOT}${CALL}${COUNT}ffc0${END}`, 'entry at 0'],
  [
    'rbp moves before the count is read',
    'none',
    `${FRAME}${SLOT}${CALL}85c0 7e07 488d6d10 8b45f8${END}`,
    'entry at 0',
  ],
  ['the call has a prefix', 'none', `${FRAME}${SLOT}66${CALL}${COUNT}${END}`, 'entry at 0'],
  [
    'a second call of the same',
    'none',
    `${FRAME}${SLOT}${CALL}${COUNT}${END}e856000000${END}`,
    'entry at 0',
  ],
  [
    'an indirect call besides',
    'none',
    `${FRAME}${SLOT}${CALL}${COUNT}${END}ffd0${END}`,
    'entry at 0',
  ],
  ['a branch on the way back', 'rcx', `4883ec08 ${CALL} 7500 4883c408 c3`, 'entry at 0 (stepped)'],
  [
    'the pointer is overwritten',
    'rcx',
    `4883ec08 31c9 ${CALL} 4883c408 c3`,
    'entry at 0 (stepped)',
  ],
  [
    'the pointer moves to r8',
    'rcx',
    `4883ec08 4989c8 31c9 ${CALL} 4883c408 c3`,
    'r8 at 9, result at 14 (stepped)',
  ],
  ['starts with endbr64, sub', 'none', 'f30f1efa 4883ec08 c3', 'entry at 0 (stepped)'],
  ['starts with endbr64, push r12', 'none', 'f30f1efa 4154 415c c3', 'entry at 4'],
  ['a push with an operand size', 'none', '6655 665d c3', 'entry at 0 (stepped)'],
  ['cut in an instruction', 'none', `${FRAME}${SLOT}e864`, 'entry at 0'],
  ['no bytes', 'none', '', 'entry at 0 (stepped)'],
]

describe('probe points', { skip: process.arch !== 'x64' && 'disassembles x86-64' }, () => {
  for (const [build, name, want] of builds) {
    test(`${build} ${name}`, () => assert.equal(describePlan(codeOf(build, name), name), want))
  }
  for (const [name, pointer, code, want] of changed) {
    test(name, () => assert.equal(describeCall(hex(code), pointer), want))
  }
  test('every cut of a function is taken', () => {
    const code = codeOf('node_20.20.2', 'SSL_read')
    for (let length = 0; length <= code.length; length++) {
      assert.match(describeCall(code.subarray(0, length), 'none'), /^entry at 0/)
    }
  })
})
