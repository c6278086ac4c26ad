import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseTracestate } from './tracestate.ts'

const members = (n: number) => Array.from({ length: n }, (_, i) => `k${i}=${i}`).join(',')

const cases: [name: string, header: string, want: string][] = [
  ['one member', 'foo=1', 'foo=1'],
  ['several, with blanks around them', 'foo=1 \t , \t bar=2', 'foo=1,bar=2'],
  ['empty members', 'foo=1,,,bar=2,', 'foo=1,bar=2'],
  ['a value with an inner blank', 'foo=a b', 'foo=a b'],
  ['a key of several tenants', 't61@sys=1,0t@s=2', 't61@sys=1,0t@s=2'],
  ['all that a key may hold', 'a_-*/0=1', 'a_-*/0=1'],
  ["a key twice is the sender's affair", 'a=1,a=2', 'a=1,a=2'],
  ['a key of 256', `${'z'.repeat(256)}=1`, `${'z'.repeat(256)}=1`],
  ['a key of 257', `${'z'.repeat(257)}=1`, ''],
  [
    'a tenant of 241 and a system of 14',
    `${'t'.repeat(241)}@${'v'.repeat(14)}=1`,
    `${'t'.repeat(241)}@${'v'.repeat(14)}=1`,
  ],
  ['a tenant of 242', `${'t'.repeat(242)}@v=1`, ''],
  ['a system of 15', `t@${'v'.repeat(15)}=1`, ''],
  ['a value of 256', `a=${'v'.repeat(256)}`, `a=${'v'.repeat(256)}`],
  ['a value of 257', `a=${'v'.repeat(257)}`, ''],
  ['32 members', members(32), members(32)],
  ['33 members', members(33), ''],
  ['more than is ever looked at', `a=1,${' '.repeat(5000)}`, ''],
  ['an upper-case key', 'FOO=1', ''],
  ['a key with a dot', 'foo.bar=1', ''],
  ['a blank before the equals sign', 'foo =1', ''],
  ['no system', 'foo@=1,bar=2', ''],
  ['no tenant', '@foo=1', ''],
  ['two systems', 'foo@bar@baz=1', ''],
  ['no equals sign', 'foo', ''],
  ['no value', 'foo=', ''],
  ['two equals signs', 'foo=bar=baz', ''],
  ['one bad member voids all', 'foo=1,bar', ''],
  ['a control character', 'foo=\x07', ''],
  ['empty', '', ''],
]

describe('tracestate', () => {
  for (const [name, header, want] of cases) {
    test(name, () => assert.equal(parseTracestate(header), want))
  }
})
