import { after, before, beforeEach } from 'node:test'
import type { HookFamily } from '../../../receivers/ebpf/sources/tcp.ts'
import { Peer, Tap } from './tap.ts'

/** For the tests of the suite that calls it; each test begins with no records. */
export interface Tapped {
  readonly tap: Tap
  readonly peer: Peer
}

/** A peer, and a tap on what every process does, or on the peer alone. */
export function tapped(
  family: HookFamily,
  rodata: Readonly<Record<string, number>>,
  of: 'all' | 'peer',
): Tapped {
  const both: Partial<{ -readonly [K in keyof Tapped]: Tapped[K] }> = {}
  before(() => {
    both.peer = new Peer()
    both.tap = new Tap(family, rodata, of === 'peer' ? both.peer.tgid : undefined)
  })
  beforeEach(() => {
    both.tap?.takeAll()
  })
  after(async () => {
    both.tap?.close()
    await both.peer?.close()
  })
  return both as Tapped
}
