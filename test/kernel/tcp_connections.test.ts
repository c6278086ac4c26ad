import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  ConnFlag,
  ConnRole,
  conn,
  Decision,
  layouts,
  run,
  Stat,
  Verdict,
} from '../../bpf/events.gen.ts'
import type { HookFamily } from '../../receivers/ebpf/sources/tcp.ts'
import { usableFamilies } from './tcp/families.ts'
import { BODY, GET, inShort, OK, TEXT } from './tcp/records.ts'
import { Peer, type Step, Tap, type TapRecord } from './tcp/tap.ts'
import { tapped } from './tcp/tapped.ts'

/** With a pause between. */
const TWO_EXCHANGES: readonly Step[] = [
  ['client', 'send', GET],
  ['server', 'send', OK],
  ['server', 'pause'],
  ['client', 'send', GET],
  ['server', 'send', OK],
]

function connections(family: HookFamily): void {
  const on = tapped(family, {}, 'peer')

  const isPeers = ({ tgid, role }: TapRecord) => tgid === on.peer.tgid && role === ConnRole.SERVER

  /** Of the entry of `listeners`: struct listener_key is namespace, port. */
  const listeningSockets = (port: number): bigint | undefined => {
    for (const { count, keys, values } of on.tap.object.map('listeners').scan()) {
      for (let i = 0; i < count; i++) {
        if (keys.readUInt16LE(i * 8 + 4) === port) return values.readBigUInt64LE(i * 8)
      }
    }
    return undefined
  }

  const addresses = [
    ['v4', '00000000000000000000ffff7f000001'],
    ['v6', '00000000000000000000000000000001'],
    ['mapped', '00000000000000000000ffff7f000001'],
  ] as const
  for (const [network, want] of addresses) {
    test(`addresses and roles: ${network}`, async () => {
      const { server } = await on.peer.play([['client', 'send', TEXT]], { family: network })
      const records = on.tap.take(server, 'both').filter(({ type }) => type === 'chunk')
      assert.deepEqual(
        records.map(({ role, localAddress, flags }) => [role, localAddress, flags]).sort(),
        [
          [ConnRole.SERVER, want, 0],
          [ConnRole.CLIENT, want, 0],
        ],
      )
    })
  }

  test('a port on which several sockets listen, until the last has gone', async () => {
    const sockets: (bigint | undefined)[] = []
    let port = 0
    const { server } = await on.peer.play(
      [
        ['client', 'send', GET],
        ['server', 'send', OK],
        ['server', 'pause'],
        ['listener2', 'close'],
        ['server', 'pause'],
      ],
      {
        family: 'reuseport',
        atPause: () => {
          port = on.tap.takeAll().find(isPeers)?.localPort ?? port
          sockets.push(listeningSockets(port))
        },
      },
    )
    assert.deepEqual([port, ...sockets, listeningSockets(server)], [server, 2n, 1n, undefined])
  })

  test('nothing of a process that is not selected', async () => {
    const other = new Peer()
    on.tap.decide(other.tgid, Decision.REJECTED)
    const { server } = await other.play([
      ['client', 'send', TEXT],
      ['server', 'send', TEXT],
    ])
    assert.deepEqual(on.tap.take(server, 'both'), [])
    on.tap.decide(other.tgid, Decision.SELECTED)
    const again = await other.play([['client', 'send', TEXT]])
    assert.equal(on.tap.take(again.server, 'both').filter(({ type }) => type === 'chunk').length, 2)
    await other.close()
  })

  test('one slot for four requests: one waits in the kernel, the others leave as chunks', async () => {
    const narrow = new Tap(family, { head_slots: 1 }, on.peer.tgid)
    const { server } = await on.peer.play([
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
      const { server } = await on.peer.play(TWO_EXCHANGES, {
        atPause: () => {
          first.push(
            ...on.tap
              .takeAll()
              .filter(({ tgid, role }) => tgid === on.peer.tgid && role === ConnRole.SERVER),
          )
          connId = first[0]?.connId ?? 0
          on.tap.answer(connId, verdict)
        },
      })
      assert.deepEqual(inShort(first), ['exchange 33/33 38/38'])
      const records = on.tap.take(server, 'server')
      assert.deepEqual(inShort(records), want)
    })
  }

  const unanswered: [name: string, verdict: number, all: boolean][] = [
    ['as chunks, up to a bound', Verdict.CHUNKS, false],
    ['as AMQP, all of it', Verdict.AMQP, true],
    ['as MQTT, all of it', Verdict.MQTT, true],
  ]
  for (const [name, verdict, all] of unanswered) {
    test(`what a client sends and nobody answers: ${name}`, async () => {
      const bounded = new Tap(family, { stream_bytes: 6000 }, on.peer.tgid)
      const calls: Step[] = [1, 2, 3].map(() => ['client', 'send', BODY])
      const { server } = await on.peer.play(
        [['client', 'send', TEXT], ['server', 'pause'], ...calls],
        {
          atPause: () => {
            for (const { connId } of bounded.takeAll()) bounded.answer(connId, verdict)
          },
        },
      )
      const client = bounded.take(server, 'client')
      const captured = client.flatMap(({ runs }) => runs).map(({ data }) => data.length)
      const sum = captured.reduce((whole, bytes) => whole + bytes, 0)
      assert.equal(sum === 3 * BODY.length, all, `${sum} of ${3 * BODY.length}`)
      bounded.close()
    })
  }

  test('the counters of an answer that grows can be read', async () => {
    let bytes = 0
    await on.peer.play(
      [
        ['client', 'send', GET],
        ['server', 'send', OK],
        ['server', 'send', BODY],
        ['server', 'pause'],
      ],
      {
        atPause: () => {
          const [record] = on.tap
            .takeAll()
            .filter(({ tgid, role }) => tgid === on.peer.tgid && role === ConnRole.SERVER)
          const value = on.tap.object.map('conns').lookup(record?.key ?? Buffer.alloc(16))
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
    const { server } = await on.peer.play(TWO_EXCHANGES, {
      atPause: () => {
        late = new Tap(family, {}, on.peer.tgid)
        for (const { keys, values } of on.tap.object.map('listeners').scan()) {
          for (let i = 0; i * 8 < keys.length; i++) {
            late.object
              .map('listeners')
              .update(keys.subarray(i * 8, i * 8 + 8), values.subarray(i * 8, i * 8 + 8))
          }
        }
      },
    })
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

  test('a full table lets connections go, and tells of each', async () => {
    const MAX = 64
    const MANY = 100
    const small = new Tap(family, {}, on.peer.tgid, { conns: MAX, conn_ages: 2 * MAX })
    const records: TapRecord[] = []
    let entries = 0
    await on.peer.play([['server', 'pause']], {
      many: MANY,
      atPause: () => {
        for (const { count } of small.object.map('conns').scan()) entries += count
        records.push(...small.takeAll())
      },
    })
    const exchanges = records.filter(({ type }) => type === 'exchange').map(({ connId }) => connId)
    const evicted = records.filter(({ reason }) => reason === 'evicted').map(({ connId }) => connId)
    records.push(...small.takeAll())
    const ended = records.filter(({ type }) => type === 'end').map(({ connId }) => connId)
    assert.equal(exchanges.length, 2 * MANY)
    assert.ok(entries <= MAX && evicted.length >= 2 * MANY - MAX, `${entries}, ${evicted.length}`)
    assert.deepEqual(ended.sort(), exchanges.sort())
    assert.ok(small.stat(Stat.EVICTED) >= evicted.length)
    assert.equal(small.stat(Stat.CONN_TABLE), 0)
    small.close()
  })

  test('nothing is left behind', async () => {
    const mine = () =>
      [...on.tap.object.map('conns').scan()].flatMap(({ count, values }) =>
        Array.from({ length: count }, (_, i) =>
          values.readUInt32LE(i * conn.size + layouts.conn_head.fields.tgid.offset),
        ),
      )
    assert.equal(mine().filter((tgid) => tgid === on.peer.tgid).length, 0)
  })
}

for (const family of usableFamilies()) {
  describe(`connections, by ${family}`, () => connections(family))
}
