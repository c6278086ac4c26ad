import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import {
  ConnFlag,
  ConnRole,
  conn,
  Decision,
  layouts,
  Protocol,
  run,
  Stat,
  Verdict,
} from '../../bpf/events.gen.ts'
import type { HookFamily } from '../../receivers/ebpf/sources/tcp.ts'
import { usableFamilies } from './tcp/families.ts'
import { Peer, type Step, Tap, type TapRecord } from './tcp/tap.ts'

const TEXT = 'weir sees these fifty-odd bytes, and the last eight.'
const LONG = 'x'.repeat(3000)
/** One more than a step of the walk takes. */
const SEVENTEEN = Array.from({ length: 17 }, (_, i) => `part ${String(i).padStart(2, '0')};`)
/** As many as a call takes: the request's head lies in the first 1024 of them. */
const MANY = Array.from({ length: 1024 }, (_, i) => `${i % 10}.`)

/** Chunks as `direction bytes data|tail`. */
const chunksOf = (records: readonly TapRecord[]) =>
  records
    .filter(({ type }) => type === 'chunk')
    .map(({ direction, runs: [run] }) => `${direction} ${run?.bytes} ${run?.data}|${run?.tail}`)

const chunk = (direction: 'in' | 'out', bytes: number, data: string, tail = data.slice(-8)) =>
  `${direction} ${bytes} ${data}|${tail}`

type Way = [name: string, steps: Step[], want: string[]]

const OUT: Way[] = [
  ['write', [['client', 'write', TEXT]], [chunk('out', 52, TEXT)]],
  ['send', [['client', 'send', TEXT]], [chunk('out', 52, TEXT)]],
  ['sendto', [['client', 'sendto', TEXT]], [chunk('out', 52, TEXT)]],
  ['a dup', [['client', 'dup', TEXT]], [chunk('out', 52, TEXT)]],
  ['a child process', [['client', 'child', TEXT]], [chunk('out', 52, TEXT)]],
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
  let tap: Tap
  let peer: Peer
  before(() => {
    tap = new Tap(family, { pair_in_kernel: 0 })
    peer = new Peer()
  })
  after(async () => {
    tap.close()
    await peer.close()
  })

  for (const [side, rows] of [
    ['client', OUT],
    ['server', IN],
  ] as const) {
    for (const [name, steps, want] of rows) {
      test(`${side === 'client' ? 'out' : 'in'}: ${name}`, async () => {
        const { server } = await peer.play(steps)
        const records = tap.take(server, side)
        assert.deepEqual(chunksOf(records), want)
        assert.deepEqual(
          records.map(({ sequence }) => sequence),
          records.map((_, i) => i),
        )
      })
    }
  }

  test('what a socket takes in part, and EAGAIN', async () => {
    const { server, moved } = await peer.play([['client', 'until_full', TEXT]])
    const runs = tap
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

  const addresses = [
    ['v4', '00000000000000000000ffff7f000001'],
    ['v6', '00000000000000000000000000000001'],
    ['mapped', '00000000000000000000ffff7f000001'],
  ] as const
  for (const [network, want] of addresses) {
    test(`addresses and roles: ${network}`, async () => {
      const { server } = await peer.play([['client', 'send', TEXT]], { family: network })
      const records = tap.take(server, 'both').filter(({ type }) => type === 'chunk')
      assert.deepEqual(
        records.map(({ role, localAddress, flags }) => [role, localAddress, flags]).sort(),
        [
          [ConnRole.SERVER, want, 0],
          [ConnRole.CLIENT, want, 0],
        ],
      )
    })
  }

  test('nothing of a process that is not selected', async () => {
    const other = new Peer()
    tap.decide(other.tgid, Decision.REJECTED)
    const { server } = await other.play([
      ['client', 'send', TEXT],
      ['server', 'send', TEXT],
    ])
    assert.deepEqual(tap.take(server, 'both'), [])
    tap.decide(other.tgid, Decision.SELECTED)
    const again = await other.play([['client', 'send', TEXT]])
    assert.equal(tap.take(again.server, 'both').filter(({ type }) => type === 'chunk').length, 2)
    await other.close()
  })
}

const GET = 'GET /one HTTP/1.1\r\nHost: weir\r\n\r\n'
const POST = 'POST /two HTTP/1.1\r\nHost: weir\r\nContent-Length: 5\r\n\r\n'
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n'
const BODY = 'y'.repeat(5000)

/** Records in short: what left, and the bytes that it tells of. */
const inShort = (records: readonly TapRecord[]) =>
  records.map(({ type, direction, reason, runs }) => {
    const sizes = runs.map(
      ({ bytes, data }) => `${bytes}${type === 'end' ? '' : `/${data.length}`}`,
    )
    return [type, direction, reason, ...sizes].filter((part) => part !== undefined).join(' ')
  })

const length = (text: string) => `${text.length}/${text.length}`

type Pairing = [name: string, steps: Step[], server: string[], client: string[]]

const PAIRINGS: Pairing[] = [
  [
    'one exchange',
    [
      ['client', 'send', GET],
      ['server', 'send', `${OK}hello`],
    ],
    [`exchange ${length(GET)} ${length(`${OK}hello`)}`, 'end closed 33 43'],
    [`exchange ${length(GET)} ${length(`${OK}hello`)}`, 'end closed 33 43'],
  ],
  [
    'two on one connection',
    [
      ['client', 'send', GET],
      ['server', 'send', OK],
      ['client', 'send', POST],
      ['server', 'send', OK],
    ],
    [`exchange 33/33 38/38`, `exchange 53/53 38/38`, 'end closed 53 38'],
    [`exchange 33/33 38/38`, `exchange 53/53 38/38`, 'end closed 53 38'],
  ],
  [
    'a long answer, told whole when the next request comes',
    [
      ['client', 'send', GET],
      ['server', 'send', OK],
      ['server', 'send', BODY],
      ['server', 'sendfile', BODY],
      ['client', 'send', GET],
      ['server', 'send', OK],
    ],
    ['exchange 33/33 38/38', 'end response 33 10038', 'exchange 33/33 38/38', 'end closed 33 38'],
    ['exchange 33/33 38/38', 'end response 33 10038', 'exchange 33/33 38/38', 'end closed 33 38'],
  ],
  [
    'a head that comes in pieces',
    [
      ['client', 'send', 'G'],
      ['client', 'send', GET.slice(1, 20)],
      ['client', 'send', GET.slice(20)],
      ['server', 'send', OK],
    ],
    ['exchange 33/33 38/38', 'end closed 33 38'],
    ['exchange 33/33 38/38', 'end closed 33 38'],
  ],
  [
    'an answer whose head comes in pieces',
    [
      ['client', 'send', GET],
      ['server', 'send', OK.slice(0, 10)],
      ['server', 'send', OK.slice(10)],
      ['server', 'send', BODY],
    ],
    ['exchange 33/33 10/10', 'chunk out 28/28', 'end closed 33 5038'],
    ['exchange 33/33 10/10', 'chunk in 28/28', 'end closed 33 5038'],
  ],
  [
    'an interim answer, then the final one',
    [
      ['client', 'send', POST],
      ['server', 'send', CONTINUE],
      ['client', 'send', 'hello'],
      ['server', 'send', OK],
    ],
    ['exchange 53/53 25/25', 'chunk in 5/5', 'chunk out 38/38', 'end closed 5 38'],
    ['exchange 53/53 25/25', 'chunk out 5/5', 'chunk in 38/38', 'end closed 5 38'],
  ],
  [
    'early hints and the final answer in one run',
    [
      ['client', 'send', GET],
      ['server', 'send', CONTINUE],
      ['server', 'send', OK],
    ],
    ['exchange 33/33 25/25', 'chunk out 38/38', 'end closed 33 63'],
    ['exchange 33/33 25/25', 'chunk in 38/38', 'end closed 33 63'],
  ],
  [
    'a request that is never answered',
    [['client', 'send', GET]],
    ['exchange 33/33 0/0', 'end closed 33 0'],
    ['exchange 33/33 0/0', 'end closed 33 0'],
  ],
  [
    'bytes of another protocol',
    [
      ['client', 'send', '*1\r\n$4\r\nPING\r\n'],
      ['server', 'send', '+PONG\r\n'],
    ],
    ['chunk in 14/14', 'chunk out 7/7', 'end closed 14 7'],
    ['chunk out 14/14', 'chunk in 7/7', 'end closed 14 7'],
  ],
  [
    'the preface of HTTP/2',
    [['client', 'send', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n']],
    ['chunk in 24/24', 'end closed 24 0'],
    ['chunk out 24/24', 'end closed 24 0'],
  ],
  [
    'TLS: told once, nothing captured',
    [
      ['client', 'send', '\x16\x03\x01\x00\x30hello'],
      ['server', 'send', '\x16\x03\x03\x00\x30hello'],
    ],
    ['chunk in 10/0'],
    ['chunk out 10/0'],
  ],
  [
    'a server that speaks first',
    [
      ['server', 'send', '220 ready\r\n'],
      ['client', 'send', 'EHLO weir\r\n'],
    ],
    ['chunk out 11/11', 'chunk in 11/11', 'end closed 11 0'],
    ['chunk in 11/11', 'chunk out 11/11', 'end closed 11 0'],
  ],
  [
    'a reset by the server',
    [
      ['client', 'send', GET],
      ['server', 'send', OK],
      ['server', 'reset'],
    ],
    ['exchange 33/33 38/38', 'end reset 33 38'],
    ['exchange 33/33 38/38', 'end reset 33 38'],
  ],
  [
    'half-close, and the answer after it',
    [
      ['client', 'send', GET],
      ['client', 'shutdown'],
      ['server', 'recv', 10],
      ['server', 'send', OK],
    ],
    ['exchange 33/33 38/38', 'end closed 33 38'],
    ['exchange 33/33 38/38', 'end closed 33 38'],
  ],
  [
    'an answer that ends with the connection',
    [
      ['client', 'send', GET],
      ['server', 'send', OK],
      ['server', 'close'],
      ['client', 'recv', 10],
    ],
    ['exchange 33/33 38/38', 'end closed 33 38'],
    ['exchange 33/33 38/38', 'end in 33 38', 'end closed 33 38'],
  ],
]

function pairing(family: HookFamily): void {
  let tap: Tap
  let peer: Peer
  before(() => {
    tap = new Tap(family)
    peer = new Peer()
  })
  beforeEach(() => {
    tap.takeAll()
  })
  after(async () => {
    tap.close()
    await peer.close()
  })

  for (const [name, steps, server, client] of PAIRINGS) {
    test(name, async () => {
      const played = await peer.play(steps)
      const records = tap.take(played.server, 'both')
      const of = (role: number) => inShort(records.filter((record) => record.role === role))
      assert.deepEqual(of(ConnRole.SERVER), server)
      assert.deepEqual(of(ConnRole.CLIENT), client)
    })
  }

  test('an exchange says who, when and what', async () => {
    const { server, client } = await peer.play([
      ['client', 'send', GET],
      ['server', 'send', `${OK}hello`],
    ])
    const [record] = tap.take(server, 'server')
    const [request, response] = record?.runs ?? []
    assert.deepEqual(
      [record?.tgid, record?.protocol, record?.localPort, record?.peerPort, record?.flags],
      [peer.tgid, Protocol.HTTP1, server, client, 0],
    )
    assert.equal(request?.data, GET)
    assert.equal(response?.data, `${OK}hello`)
    assert.equal(request?.tail, GET.slice(-8))
    assert.equal(response?.tail, '\r\n\r\nhello'.slice(-8))
    assert.ok(request && response && request.lastNs > 0 && response.firstNs > request.lastNs)
  })

  test('one slot for four requests: one waits in the kernel, the others leave as chunks', async () => {
    const narrow = new Tap(family, { head_slots: 1 }, peer.tgid)
    const { server } = await peer.play([
      ['client', 'send', GET],
      ['client2', 'send', GET],
      ['server', 'send', OK],
      ['server2', 'send', OK],
    ])
    const records = narrow.take(server, 'both')
    assert.equal(records.filter(({ type }) => type === 'exchange').length, 1)
    assert.equal(records.filter(({ type }) => type === 'chunk').length, 6)
    assert.equal(narrow.stat(Stat.SLOT_BUSY), 3)
    narrow.close()
  })

  const verdicts: [name: string, verdict: number, want: string[]][] = [
    [
      'nothing but the end of a connection that user space ignores',
      Verdict.IGNORE,
      ['end closed 33 38'],
    ],
    [
      'chunks, if user space asks for them',
      Verdict.CHUNKS,
      ['chunk in 33/33', 'chunk out 38/38', 'end closed 33 38'],
    ],
    ['exchanges, if it asks', Verdict.EXCHANGE, ['exchange 33/33 38/38', 'end closed 33 38']],
  ]
  for (const [name, verdict, want] of verdicts) {
    test(name, async () => {
      let connId = 0
      const first: TapRecord[] = []
      const { server } = await peer.play(
        [
          ['client', 'send', GET],
          ['server', 'send', OK],
          ['server', 'pause'],
          ['client', 'send', GET],
          ['server', 'send', OK],
        ],
        {
          atPause: () => {
            first.push(
              ...tap
                .takeAll()
                .filter(({ tgid, role }) => tgid === peer.tgid && role === ConnRole.SERVER),
            )
            connId = first[0]?.connId ?? 0
            tap.answer(connId, verdict)
          },
        },
      )
      assert.deepEqual(inShort(first), ['exchange 33/33 38/38'])
      const records = tap.take(server, 'server')
      assert.deepEqual(inShort(records), want)
    })
  }

  test('the counters of an answer that grows can be read', async () => {
    let bytes = 0
    await peer.play(
      [
        ['client', 'send', GET],
        ['server', 'send', OK],
        ['server', 'send', BODY],
        ['server', 'pause'],
      ],
      {
        atPause: () => {
          const [record] = tap
            .takeAll()
            .filter(({ tgid, role }) => tgid === peer.tgid && role === ConnRole.SERVER)
          const value = tap.object.map('conns').lookup(record?.key ?? Buffer.alloc(16))
          assert.ok(value)
          const view = new DataView(value.buffer, value.byteOffset, value.length)
          bytes = run.bytes(view, conn.response)
        },
      },
    )
    assert.equal(bytes, OK.length + BODY.length)
  })

  test('a connection older than the agent: adopted, with the role that its port gives', async () => {
    let late: Tap | undefined
    const { server } = await peer.play(
      [
        ['client', 'send', GET],
        ['server', 'send', OK],
        ['server', 'pause'],
        ['client', 'send', GET],
        ['server', 'send', OK],
      ],
      {
        atPause: () => {
          late = new Tap(family, {}, peer.tgid)
          for (const { keys, values } of tap.object.map('listeners').scan()) {
            for (let i = 0; i * 8 < keys.length; i++) {
              late.object
                .map('listeners')
                .update(keys.subarray(i * 8, i * 8 + 8), values.subarray(i * 8, i * 8 + 8))
            }
          }
        },
      },
    )
    const records = late?.take(server, 'both') ?? []
    for (const role of [ConnRole.SERVER, ConnRole.CLIENT]) {
      const of = records.filter((record) => record.role === role)
      assert.deepEqual(inShort(of), ['exchange 33/33 38/38', 'end closed 33 38'])
      assert.equal(of[0]?.flags, ConnFlag.ADOPTED)
      assert.equal(of[0]?.runs[0]?.position, 0)
    }
    assert.equal(late?.stat(Stat.ADOPTED), 2)
    late?.close()
  })

  test('nothing is left behind', async () => {
    const mine = () =>
      [...tap.object.map('conns').scan()].flatMap(({ count, values }) =>
        Array.from({ length: count }, (_, i) =>
          values.readUInt32LE(i * conn.size + layouts.conn_head.fields.tgid.offset),
        ),
      )
    assert.equal(mine().filter((tgid) => tgid === peer.tgid).length, 0)
  })
}

for (const family of usableFamilies()) {
  describe(`every way in and out, by ${family}`, () => ways(family))
  describe(`pairing in the kernel, by ${family}`, () => pairing(family))
}
