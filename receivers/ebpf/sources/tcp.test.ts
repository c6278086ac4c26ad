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
  runCount: 0,
  runTimeNs: 0,
})

const programs = [
  'fexit/tcp_sendmsg',
  'fexit/tcp_recvmsg',
  'kprobe/tcp_sendmsg',
  'kretprobe/tcp_sendmsg',
  'tp_btf/inet_sock_set_state',
  'tp_btf/sys_exit',
].map(program)

describe('autoloadOf', () => {
  type Case = [family: HookFamily, want: string[]]
  const cases: Case[] = [
    ['fentry', ['fexit_tcp_sendmsg', 'fexit_tcp_recvmsg', 'tp_btf_inet_sock_set_state']],
    ['tracepoint', ['tp_btf_inet_sock_set_state', 'tp_btf_sys_exit']],
    ['kprobe', ['kprobe_tcp_sendmsg', 'kretprobe_tcp_sendmsg', 'tp_btf_inet_sock_set_state']],
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
