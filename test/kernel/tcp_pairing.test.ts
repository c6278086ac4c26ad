import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ConnRole, Protocol } from '../../bpf/events.gen.ts'
import type { HookFamily } from '../../receivers/ebpf/sources/tcp.ts'
import { usableFamilies } from './tcp/families.ts'
import { BODY, GET, inShort, OK, POST, WEB } from './tcp/records.ts'
import type { Step } from './tcp/tap.ts'
import { tapped } from './tcp/tapped.ts'

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n'

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
    'gRPC-Web, of which nothing is left out',
    [
      ['client', 'send', WEB],
      ['server', 'send', OK],
      ['server', 'send', BODY.slice(0, 1500)],
      ['client', 'send', GET],
      ['server', 'send', OK],
    ],
    [
      `chunk in ${length(WEB)}`,
      'chunk out 38/38',
      'chunk out 1024/1024',
      'chunk out 476/476',
      'chunk in 33/33',
      'chunk out 38/38',
      'end closed 33 38',
    ],
    [
      `chunk out ${length(WEB)}`,
      'chunk in 38/38',
      'chunk in 1024/1024',
      'chunk in 476/476',
      'chunk out 33/33',
      'chunk in 38/38',
      'end closed 33 38',
    ],
  ],
  [
    'gRPC-Web behind another request: user space finds it',
    [
      ['client', 'send', GET],
      ['server', 'send', OK],
      ['client', 'send', WEB],
      ['server', 'send', OK],
    ],
    ['exchange 33/33 38/38', `exchange ${length(WEB)} 38/38`, `end closed ${WEB.length} 38`],
    ['exchange 33/33 38/38', `exchange ${length(WEB)} 38/38`, `end closed ${WEB.length} 38`],
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
    'TLS: the front of both directions, and how much they moved',
    [
      ['client', 'send', '\x16\x03\x01\x00\x30hello'],
      ['server', 'send', '\x16\x03\x03\x00\x30hello'],
      ['client', 'send', '\x17\x03\x03\x00\x03abc'],
      ['server', 'send', '\x17\x03\x03\x00\x03def'],
    ],
    ['chunk in 10/10', 'chunk out 10/10', 'chunk out 8/8', 'end closed 18 18'],
    ['chunk out 10/10', 'chunk in 10/10', 'chunk in 8/8', 'end closed 18 18'],
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
    'half-close, and an answer that is read after the server has closed',
    [
      ['client', 'send', GET],
      ['client', 'shutdown'],
      ['server', 'recv', 10],
      ['server', 'quiet'],
      ['server', 'send', OK],
      ['server', 'close'],
      ['client', 'recv', 100],
    ],
    ['exchange 33/33 38/38', 'end closed 33 38'],
    ['exchange 33/33 38/38', 'end closed 33 38'],
  ],
  [
    'an answer that is read after a reset',
    [
      ['client', 'send', GET],
      ['server', 'quiet'],
      ['server', 'send', OK],
      ['server', 'reset'],
      ['client', 'recv', 100],
    ],
    ['exchange 33/33 38/38', 'end reset 33 38'],
    ['exchange 33/33 38/38', 'end reset 33 38'],
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
  const on = tapped(family, {}, 'peer')

  for (const [name, steps, server, client] of PAIRINGS) {
    test(name, async () => {
      const played = await on.peer.play(steps)
      const records = on.tap.take(played.server, 'both')
      const of = (role: number) => inShort(records.filter((record) => record.role === role))
      assert.deepEqual(of(ConnRole.SERVER), server)
      assert.deepEqual(of(ConnRole.CLIENT), client)
    })
  }

  test('an exchange says who, when and what', async () => {
    const { server, client } = await on.peer.play([
      ['client', 'send', GET],
      ['server', 'send', `${OK}hello`],
    ])
    const [record] = on.tap.take(server, 'server')
    const [request, response] = record?.runs ?? []
    assert.deepEqual(
      [record?.tgid, record?.protocol, record?.localPort, record?.peerPort, record?.flags],
      [on.peer.tgid, Protocol.HTTP1, server, client, 0],
    )
    assert.equal(request?.data, GET)
    assert.equal(response?.data, `${OK}hello`)
    assert.equal(request?.tail, GET.slice(-8))
    assert.equal(response?.tail, '\r\n\r\nhello'.slice(-8))
    assert.ok(request && response && request.lastNs > 0 && response.firstNs > request.lastNs)
  })
}

for (const family of usableFamilies()) {
  describe(`pairing in the kernel, by ${family}`, () => pairing(family))
}
