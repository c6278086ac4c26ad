import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Stat } from '../../bpf/events.gen.ts'
import type { HookFamily } from '../../receivers/ebpf/sources/tcp.ts'
import { usableFamilies } from './tcp/families.ts'
import { chunk, chunksOf, TEXT } from './tcp/records.ts'
import { Peer, Tap } from './tcp/tap.ts'

const SOURCES = fileURLToPath(new URL('../../../test/kernel/tcp/', import.meta.url))
/** No library for 32 bits is needed. */
const FLAGS_32 = '-m32 -O1 -ffreestanding -fno-pie -no-pie -nostdlib -static'.split(' ')
const SENT = [chunk('out', TEXT.length, TEXT)]

/** What a family of hooks does not see, it counts. */
function counted(family: HookFamily): void {
  const folder = mkdtempSync(join(tmpdir(), 'weir-counted-'))
  const byTracepoint = family === 'tracepoint'
  let tap: Tap
  let peer: Peer
  before(() => {
    tap = new Tap(family, { pair_in_kernel: 0 })
    peer = new Peer()
  })
  after(async () => {
    tap.close()
    await peer.close()
    rmSync(folder, { recursive: true })
  })

  const programs: [name: string, source: string, flags: string[], stat: number][] = [
    ['io_uring', 'uring', ['-O2'], Stat.IO_URING],
    ['a 32-bit program', 'compat', FLAGS_32, Stat.COMPAT_CALL],
  ]
  for (const [name, source, flags, stat] of programs) {
    test(name, async () => {
      const program = join(folder, source)
      execFileSync('gcc', [...flags, '-o', program, `${SOURCES}${source}.c`])
      const before = tap.stat(stat)
      const { server } = await peer.play([['client', 'program', [program, TEXT]]])
      assert.deepEqual(chunksOf(tap.take(server, 'client')), byTracepoint ? [] : SENT)
      assert.equal(tap.stat(stat) > before, byTracepoint)
    })
  }

  test('Multipath TCP', async () => {
    const before = tap.stat(Stat.MPTCP)
    const play = peer.play([['client', 'send', TEXT]], { family: 'mptcp' })
    if (!existsSync('/proc/sys/net/mptcp')) return assert.rejects(play, /Protocol not supported/)
    const { server } = await play
    assert.deepEqual(chunksOf(tap.take(server, 'client')), [])
    assert.ok(tap.stat(Stat.MPTCP) > before)
  })
}

for (const family of usableFamilies()) {
  describe(`what is counted, by ${family}`, () => counted(family))
}
