import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { missingFrom } from './privileges.ts'

type Row = [name: string, effective: string, want: string[]]
const rows: Row[] = [
  ['root has all', '000001ffffffffff', []],
  ['nobody has none', '0000000000000000', ['CAP_BPF', 'CAP_PERFMON', 'CAP_SYS_PTRACE']],
  ['those three are enough', '000000c000080000', []],
  ['CAP_SYS_ADMIN holds those of eBPF', '0000000000200000', ['CAP_SYS_PTRACE']],
  ['one is missing', '0000008000080000', ['CAP_PERFMON']],
]

describe('missing capabilities', () => {
  for (const [name, effective, want] of rows) {
    test(name, () => assert.deepEqual(missingFrom(`Name:\tnode\nCapEff:\t${effective}\n`), want))
  }
})
