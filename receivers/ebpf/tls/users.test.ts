import assert from 'node:assert/strict'
import { test } from 'node:test'
import { filesOfCode } from './users.ts'

const MAPS = `7f00a0000000-7f00a0010000 r--p 00000000 08:01 1 /usr/lib/libssl.so.3
7f00a0010000-7f00a0060000 r-xp 00010000 08:01 1                          /usr/lib/libssl.so.3
7f00a1000000-7f00a1100000 r-xp 00000000 08:01 2                          /opt/my libs/libgnutls.so.30 (deleted)
7f00a2000000-7f00a2100000 r-xp 00000000 00:00 0
7ffc00000000-7ffc00021000 rw-p 00000000 00:00 0                          [stack]`

const cases: [name: string, code: readonly bigint[], want: readonly string[]][] = [
  ['in code of a library', [0x7f00a0010000n], ['/usr/lib/libssl.so.3']],
  ['in its data, which nothing runs', [0x7f00a0000010n], []],
  [
    'in a file that was deleted, with a space in its path',
    [0x7f00a1000001n],
    ['/opt/my libs/libgnutls.so.30'],
  ],
  ['behind the last byte', [0x7f00a0060000n], []],
  ['in no file', [0x7f00a2000000n], []],
  [
    'in two',
    [0x7f00a005ffffn, 0x7f00a1000000n],
    ['/usr/lib/libssl.so.3', '/opt/my libs/libgnutls.so.30'],
  ],
]

for (const [name, code, want] of cases) {
  test(`an address ${name}`, () => assert.deepEqual([...filesOfCode(MAPS, code)], want))
}
