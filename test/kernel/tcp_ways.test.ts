import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { HookFamily } from '../../receivers/ebpf/sources/tcp.ts'
import { usableFamilies } from './tcp/families.ts'
import { chunk, chunksOf, TEXT } from './tcp/records.ts'
import type { Step } from './tcp/tap.ts'
import { tapped } from './tcp/tapped.ts'

const LONG = 'x'.repeat(3000)
/** One more than a step of the walk takes. */
const SEVENTEEN = Array.from({ length: 17 }, (_, i) => `part ${String(i).padStart(2, '0')};`)
/** As many as a call takes: the request's head lies in the first 1024 of them. */
const MANY = Array.from({ length: 1024 }, (_, i) => `${i % 10}.`)

type Way = [name: string, steps: Step[], want: string[]]

const OUT: Way[] = [
  ['write', [['client', 'write', TEXT]], [chunk('out', 52, TEXT)]],
  ['send', [['client', 'send', TEXT]], [chunk('out', 52, TEXT)]],
  ['sendto', [['client', 'sendto', TEXT]], [chunk('out', 52, TEXT)]],
  ['a dup', [['client', 'dup', TEXT]], [chunk('out', 52, TEXT)]],
  ['a child process', [['client', 'child', TEXT]], [chunk('out', 52, TEXT)]],
  ['a process that it was passed to', [['client', 'passed', TEXT]], [chunk('out', 52, TEXT)]],
  ['MSG_ZEROCOPY', [['client', 'zerocopy', TEXT]], [chunk('out', 52, TEXT)]],
  ['writev of one', [['client', 'writev', [TEXT]]], [chunk('out', 52, TEXT)]],
  ['writev of two', [['client', 'writev', [TEXT, 'end.']]], [chunk('out', 56, `${TEXT}end.`)]],
  [
    'sendmsg of three',
    [['client', 'sendmsg', ['a', TEXT, 'the end.']]],
    [chunk('out', 61, `a${TEXT}the end.`)],
  ],
  ['an empty segment', [['client', 'sendmsg', ['', TEXT]]], [chunk('out', 52, TEXT)]],
  ['writev of 17', [['client', 'writev', SEVENTEEN]], [chunk('out', 136, SEVENTEEN.join(''))]],
  [
    'writev of 1024, more than are captured',
    [['client', 'writev', MANY]],
    [chunk('out', 2048, MANY.join('').slice(0, 1024), MANY.join('').slice(-8))],
  ],
  [
    'more bytes than are captured',
    [['client', 'send', LONG]],
    [chunk('out', 3000, LONG.slice(0, 1024))],
  ],
  [
    'sendmmsg',
    [['client', 'sendmmsg', [TEXT, 'second message']]],
    [chunk('out', 52, TEXT), chunk('out', 14, 'second message')],
  ],
  ['sendfile', [['client', 'sendfile', TEXT]], [chunk('out', 52, '')]],
  ['splice', [['client', 'splice', TEXT]], [chunk('out', 52, '')]],
  [
    'byte by byte, the tail goes on',
    [...'0\r\n\r\n'].map((byte): Step => ['client', 'send', byte]),
    [
      chunk('out', 1, '0', '0'),
      chunk('out', 1, '\r', '0\r'),
      chunk('out', 1, '\n', '0\r\n'),
      chunk('out', 1, '\r', '0\r\n\r'),
      chunk('out', 1, '\n', '0\r\n\r\n'),
    ],
  ],
]

const received = (how: string, what: number | number[], sent = TEXT): Step[] => [
  ['client', 'quiet'],
  ['client', 'send', sent],
  ['server', how, what],
]

const IN: Way[] = [
  ['read', received('read', 100), [chunk('in', 52, TEXT)]],
  ['recv', received('recv', 100), [chunk('in', 52, TEXT)]],
  ['recv that fills its buffer', received('recv', 52), [chunk('in', 52, TEXT)]],
  ['recvfrom', received('recvfrom', 100), [chunk('in', 52, TEXT)]],
  ['readv of one', received('readv', [100]), [chunk('in', 52, TEXT)]],
  ['readv of three', received('readv', [10, 10, 100]), [chunk('in', 52, TEXT)]],
  ['readv that fills two', received('readv', [26, 26]), [chunk('in', 52, TEXT)]],
  ['readv whose last stays empty', received('readv', [20, 40, 40]), [chunk('in', 52, TEXT)]],
  ['recvmsg', received('recvmsg', [100]), [chunk('in', 52, TEXT)]],
  ['recvmsg of two', received('recvmsg', [44, 100]), [chunk('in', 52, TEXT)]],
  ['recvmmsg', received('recvmmsg', [100]), [chunk('in', 52, TEXT)]],
  [
    'recvmmsg of two',
    received('recvmmsg', [20, 100]),
    [chunk('in', 20, TEXT.slice(0, 20)), chunk('in', 32, TEXT.slice(20))],
  ],
  ['a child process', received('recv_in_child', 100), [chunk('in', 52, TEXT)]],
  ['splice', received('splice_from', 100), [chunk('in', 52, '')]],
  ['MSG_PEEK, then recv', received('peek', 100), [chunk('in', 52, TEXT)]],
  ['MSG_TRUNC', received('trunc', 100), [chunk('in', 52, '')]],
  ['recv, then EAGAIN', received('again', 100), [chunk('in', 52, TEXT)]],
  [
    'two calls for what came by one',
    [...received('recv', 20), ['server', 'recv', 100]],
    [chunk('in', 20, TEXT.slice(0, 20)), chunk('in', 32, TEXT.slice(20))],
  ],
]

function ways(family: HookFamily): void {
  const on = tapped(family, { pair_in_kernel: 0 }, 'all')

  for (const [side, rows] of [
    ['client', OUT],
    ['server', IN],
  ] as const) {
    for (const [name, steps, want] of rows) {
      test(`${side === 'client' ? 'out' : 'in'}: ${name}`, async () => {
        const { server } = await on.peer.play(steps)
        const records = on.tap.take(server, side)
        assert.deepEqual(chunksOf(records), want)
        assert.deepEqual(
          records.map(({ sequence }) => sequence),
          records.map((_, i) => i),
        )
      })
    }
  }

  test('what a socket takes in part, and EAGAIN', async () => {
    const { server, moved } = await on.peer.play([['client', 'until_full', TEXT]])
    const runs = on.tap
      .take(server, 'client')
      .flatMap(({ type, runs }) => (type === 'chunk' ? runs : []))
    assert.equal(
      runs.reduce((sum, { bytes }) => sum + bytes, 0),
      moved[0],
    )
    for (const [i, run] of runs.entries()) {
      assert.equal(
        run.position,
        runs.slice(0, i).reduce((sum, { bytes }) => sum + bytes, 0),
      )
    }
  })
}

for (const family of usableFamilies()) {
  describe(`every way in and out, by ${family}`, () => ways(family))
}
