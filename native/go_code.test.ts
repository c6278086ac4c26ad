import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { planGoCall } from './go_code.ts'

const TESTDATA = fileURLToPath(new URL('../../native/testdata/go/', import.meta.url))

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')

/** crypto/tls.(*Conn).Read, as that version of Go compiles it. */
const readOf = (version: string) =>
  hex(readFileSync(`${TESTDATA}${version}_read.hex`, 'latin1').trim())

const describePlan = (code: Buffer): string => {
  const { begin, returns, keepsArguments } = planGoCall(code)
  const at =
    begin === undefined ? 'nowhere' : `${begin.offset}${begin.emulated ? '' : ' (stepped)'}`
  return `${at}, ${returns.length} returns, ${keepsArguments ? 'kept' : 'not kept'}`
}

// cmp 0x10(%r14),%rsp; jbe; push %rbp; mov %rsp,%rbp; sub $0x20,%rsp
const PROLOGUE = '49 3b 66 10 76 40 55 48 89 e5 48 83 ec 20'
const KEEP = '48 89 44 24 30 48 89 5c 24 38 48 89 4c 24 40' // mov %rax, %rbx, %rcx to the caller's frame
const CALL = 'e8 00 00 00 00'
const RETURN = '48 83 c4 20 5d c3'

const functions: [name: string, code: string, want: string][] = [
  ['that keeps its arguments', PROLOGUE + KEEP + CALL + RETURN, '6, 1 returns, kept'],
  [
    'that keeps two of them',
    PROLOGUE + KEEP.slice(0, 30) + CALL + RETURN,
    '6, 1 returns, not kept',
  ],
  ['that keeps them after a call', PROLOGUE + CALL + KEEP + RETURN, '6, 1 returns, not kept'],
  [
    'that writes to one place again',
    `${PROLOGUE + KEEP + CALL}48 89 44 24 38${RETURN}`,
    '6, 1 returns, not kept',
  ],
  [
    'that writes 16 bytes to one place',
    `${PROLOGUE + KEEP + CALL}0f 11 44 24 28${RETURN}`,
    '6, 1 returns, not kept',
  ],
  [
    'that takes the address of one',
    `${PROLOGUE + KEEP}48 8d 44 24 38${CALL}${RETURN}`,
    '6, 1 returns, not kept',
  ],
  [
    'that keeps another register',
    `${PROLOGUE}48 89 c8${KEEP}${CALL}${RETURN}`,
    '6, 1 returns, not kept',
  ],
  ['with a byte that is no instruction', `${PROLOGUE + KEEP + RETURN}06`, '6, 0 returns, not kept'],
  ['without a frame', '48 89 c8 c3', 'nowhere, 1 returns, not kept'],
  ['of nothing', '', 'nowhere, 0 returns, not kept'],
]

describe('planGoCall', () => {
  for (const [name, code, want] of functions) {
    test(`a function ${name}`, () => assert.equal(describePlan(hex(code)), want))
  }
  test('Read of Go 1.17 and 1.26', () => {
    assert.equal(describePlan(readOf('1.17')), '10 (stepped), 7 returns, kept')
    assert.equal(describePlan(readOf('1.26')), '10, 7 returns, kept')
  })
  test('whatever it is cut to, no argument is said to be kept that is not', () => {
    const code = readOf('1.26')
    for (let bytes = 0; bytes < code.length; bytes++) {
      const { returns } = planGoCall(code.subarray(0, bytes))
      assert.ok(returns.every(({ offset }) => offset < bytes))
    }
  })
})
