import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { addressText } from './address.ts'

describe('addressText', () => {
  type Case = [name: string, hex: string, want: string]
  const cases: Case[] = [
    ['v4-mapped', '00000000000000000000ffff7f000001', '127.0.0.1'],
    ['loopback', '00000000000000000000000000000001', '::1'],
    ['unspecified', '00000000000000000000000000000000', '::'],
    ['zeros at the end', '20010db8000000000000000000000000', '2001:db8::'],
    ['the longest run of zeros', '20010000000100000000000000010002', '2001:0:1::1:2'],
    ['the first of two equal runs', '20010000000000010000000000010002', '2001::1:0:0:1:2'],
    ['a single zero is written', '20010000000100020003000400050006', '2001:0:1:2:3:4:5:6'],
    ['leading zeros of a group go', 'fe800000000000000a0b0c0d0e0f0001', 'fe80::a0b:c0d:e0f:1'],
  ]
  for (const [name, hex, want] of cases) {
    test(name, () => assert.equal(addressText(Buffer.from(`ff${hex}`, 'hex'), 1), want))
  }
})
