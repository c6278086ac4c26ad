import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ConnRole } from '../../bpf/events.gen.ts'
import type { HookFamily } from '../../receivers/ebpf/sources/tcp.ts'
import { usableFamilies } from './tcp/families.ts'
import { inShort, TEXT } from './tcp/records.ts'
import type { Step } from './tcp/tap.ts'
import { tapped } from './tcp/tapped.ts'

/** A frame's head, and its payload as far as it is sent with it. Every byte is below 128. */
function frame(type: number, payload: string, length = payload.length, stream = 1): string {
  const head = Buffer.alloc(9)
  head.writeUIntBE(length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt32BE(stream, 5)
  return head.toString('latin1') + payload
}

const SETTINGS = frame(4, '', 0, 0)
const PREFACE = `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${SETTINGS}`
const HEADERS = frame(1, TEXT)
const WINDOW_UPDATE = frame(8, '\0\0\x10\0', 4, 0)
const PING = frame(6, '01234567', 8, 0)
const PART = 'y'.repeat(4096)

/** As a client does that reads a long response: nobody reads what its windows say, nor what is in the middle of DATA. */
const STEPS: Step[] = [
  ['client', 'send', PREFACE],
  ['server', 'send', SETTINGS],
  ['client', 'send', HEADERS],
  ['server', 'send', HEADERS],
  ['server', 'send', frame(0, PART, 4 * PART.length)],
  ...Array.from({ length: 3 }, (): Step[] => [
    ['client', 'send', WINDOW_UPDATE],
    ['server', 'send', PART],
  ]).flat(),
  ['client', 'send', PING],
  ['client', 'send', WINDOW_UPDATE + HEADERS],
]

const whole = (text: string) => `${text.length}/${text.length}`

/** What leaves of them, by the side that speaks first and the other. */
const told = (client: string, server: string) => [
  `chunk ${client} ${whole(PREFACE)}`,
  `chunk ${server} ${whole(SETTINGS)}`,
  `chunk ${client} ${whole(HEADERS)}`,
  `chunk ${server} ${whole(HEADERS)}`,
  `chunk ${server} 4105/73`,
  `chunk ${server} 4096/64`,
  `chunk ${client} ${whole(WINDOW_UPDATE + HEADERS)}`,
]

function frames(family: HookFamily): void {
  const on = tapped(family, {}, 'peer')

  test('calls that hold only frames of which nothing is read leave no record', async () => {
    const { server } = await on.peer.play(STEPS)
    const records = on.tap.take(server, 'both').filter(({ type }) => type === 'chunk')
    const of = (role: number) => inShort(records.filter((record) => record.role === role))
    assert.deepEqual(of(ConnRole.SERVER), told('in', 'out'))
    assert.deepEqual(of(ConnRole.CLIENT), told('out', 'in'))
  })
}

describe('HTTP/2 in the kernel', () => {
  for (const family of usableFamilies()) describe(family, () => frames(family))
})
