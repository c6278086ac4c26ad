import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type DnsMessage, parseMessage } from './parse.ts'
import * as d from './testing.ts'

const V4 = Buffer.from([10, 1, 2, 3])
const V6 = Buffer.from('20010db8000000000000000000000001', 'hex')
const A = 1
const CNAME = 5
const AAAA = 28

const query = (change: Partial<DnsMessage> = {}): DnsMessage => ({
  id: 1,
  isResponse: false,
  isTruncated: false,
  name: 'a.test',
  type: A,
  rcode: '',
  answers: [],
  ...change,
})
const answer = (change: Partial<DnsMessage> = {}) => query({ isResponse: true, ...change })
const response = (fields: d.MessageFields = {}) => d.message({ flags: d.RESPONSE, ...fields })

type Case = [name: string, bytes: Buffer, want: DnsMessage | undefined]
const cases: Case[] = [
  ['a query', d.message(), query()],
  [
    'a query with EDNS, in mixed case',
    d.message({ name: 'A.tEsT', additional: [d.opt()] }),
    query(),
  ],
  ['of the root', d.message({ name: '', type: 2 }), query({ name: '.', type: 2 })],
  [
    'a label with other bytes',
    d.message({ name: 'a b\\\xe4.test' }),
    query({ name: 'a\\032b\\092\\228.test' }),
  ],
  ['success', response({ answers: [d.record(A, V4)] }), answer({ answers: ['10.1.2.3'] })],
  [
    'a chain to both kinds of addresses',
    response({ answers: [d.record(CNAME, d.name('b.test')), d.record(A, V4), d.record(AAAA, V6)] }),
    answer({ answers: ['10.1.2.3', '2001:db8::1'] }),
  ],
  [
    'addresses that are no answers',
    response({ additional: [d.record(A, V4, d.name('ns.test'))] }),
    answer(),
  ],
  ['no such name', response({ flags: d.RESPONSE | 3 }), answer({ rcode: 'NXDOMAIN' })],
  [
    'an extended code',
    response({ additional: [d.record(A, V4), d.opt(1)] }),
    answer({ rcode: 'BADVERS' }),
  ],
  ['a code without a name', response({ flags: d.RESPONSE | 12 }), answer({ rcode: 'RCODE12' })],
  ['cut', response({ flags: d.RESPONSE | d.TRUNCATED }), answer({ isTruncated: true })],
  [
    'an answer that is captured in part',
    response({ answers: [d.record(A, V4), d.record(AAAA, V6)] }).subarray(0, -1),
    answer({ answers: ['10.1.2.3'] }),
  ],
  ['an address of another length', response({ answers: [d.record(A, V6)] }), answer()],
  ['an update', d.message({ flags: 0x2800 }), undefined],
  ['a query with a response code', d.message({ flags: 3 }), undefined],
  ['text', Buffer.from('GET / HTTP/1.1\r\nHost: a.test\r\n\r\n'), undefined],
  ['nothing', Buffer.alloc(0), undefined],
]

/** A message whose question is these bytes. */
const asks = (hex: string) =>
  Buffer.concat([d.message().subarray(0, 12), Buffer.from(hex, 'hex'), Buffer.from([0, 1, 0, 1])])

const HOSTILE: [name: string, question: string][] = [
  ['a pointer to itself', 'c00c'],
  ['two pointers that point to each other', 'c00ec00c'],
  ['a label, and a pointer back to it', '0161c00c'],
  ['a pointer ahead', 'c0200161'],
  ['a pointer behind the end', 'ffff'],
  ['a length that labels do not have', '40616161'],
  ['a name of more than 255 bytes', `${`3f${'61'.repeat(63)}`.repeat(4)}00`],
  ['a label behind the end', '3f61'],
]

describe('dns parseMessage', () => {
  for (const [name, bytes, want] of cases) {
    test(name, () => assert.deepEqual(parseMessage(bytes), want))
  }

  for (const [name, question] of HOSTILE) {
    test(name, () => assert.equal(parseMessage(asks(question)), undefined))
  }

  test('cut at every byte: the question whole, or nothing', () => {
    const whole = response({
      answers: [d.record(A, V4), d.record(AAAA, V6)],
      additional: [d.opt()],
    })
    const asked = d.message().length
    for (let bytes = 0; bytes < whole.length; bytes++) {
      const found = parseMessage(whole.subarray(0, bytes))
      if (bytes < asked) assert.equal(found, undefined)
      else assert.deepEqual(found, answer({ answers: found?.answers ?? [] }))
    }
  })

  test('65,535 records that are not there, and addresses without end', () => {
    const huge = response({ answers: Array.from({ length: 4000 }, () => d.record(A, V4)) })
    huge.fill(0xff, 6, 12)
    assert.equal(parseMessage(huge)?.answers.length, 32)
    const none = response()
    none.fill(0xff, 6, 12)
    assert.deepEqual(parseMessage(none), answer())
  })
})
