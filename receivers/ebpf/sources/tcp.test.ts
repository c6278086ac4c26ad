import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ProgramInfo } from '../../../native/addon.ts'
import { autoloadOf, type HookFamily } from './tcp.ts'

const program = (section: string): ProgramInfo => ({
  name: section.replaceAll('/', '_'),
  section,
  type: '',
  autoload: true,
  links: 0,
  id: 0,
  verifiedInstructions: 0,
  instructions: 0,
  machineBytes: 0,
  runCount: 0,
  runTimeNs: 0,
})

const programs = [
  'fexit/tcp_sendmsg',
  'fexit/tcp_recvmsg',
  'fexit/udp_sendmsg',
  'kprobe/tcp_sendmsg',
  'kprobe/release_sock',
  'kprobe/skb_consume_udp',
  'kprobe/udpv6_sendmsg',
  'tp_btf/inet_sock_set_state',
  'tp_btf/tcp_destroy_sock',
  'tp_btf/sys_exit',
].map(program)

const STATES = ['tp_btf_inet_sock_set_state', 'tp_btf_tcp_destroy_sock']

describe('autoloadOf', () => {
  type Case = [family: HookFamily, want: string[]]
  const cases: Case[] = [
    [
      'fentry',
      [
        'fexit_tcp_sendmsg',
        'fexit_tcp_recvmsg',
        'fexit_udp_sendmsg',
        'kprobe_udpv6_sendmsg',
        ...STATES,
      ],
    ],
    ['tracepoint', [...STATES, 'tp_btf_sys_exit']],
    [
      'kprobe',
      [
        'kprobe_tcp_sendmsg',
        'kprobe_release_sock',
        'kprobe_skb_consume_udp',
        'kprobe_udpv6_sendmsg',
        ...STATES,
      ],
    ],
  ]
  for (const [family, want] of cases) {
    test(`${family} loads its own programs and the changes of state`, () => {
      const wanted = Object.entries(autoloadOf(family, programs))
      assert.deepEqual(
        wanted.filter(([, on]) => on).map(([name]) => name),
        want,
      )
    })
  }
})
