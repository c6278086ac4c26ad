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
import { tapped } from './tcp/tapped.ts'

const SOURCES = fileURLToPath(new URL('../../../test/kernel/tcp/', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'weir-counted-'))

/** What sends by a way of its own. No library for 32 bits is needed. */
const PROGRAMS: [name: string, source: string, flags: string, stat: number][] = [
  ['io_uring', 'uring', '-O2', Stat.IO_URING],
  [
    'a 32-bit program',
    'compat',
    '-m32 -O1 -ffreestanding -fno-pie -no-pie -nostdlib -static',
    Stat.COMPAT_CALL,
  ],
]
const SENT = [chunk('out', TEXT.length, TEXT)]

/** What a family of hooks does not see, it counts. */
function counted(family: HookFamily): void {
  const byTracepoint = family === 'tracepoint'
  const on = tapped(family, { pair_in_kernel: 0 }, 'all')

  for (const [name, source, , stat] of PROGRAMS) {
    test(name, async () => {
      const program = join(folder, source)
      const before = on.tap.stat(stat)
      const { server } = await on.peer.play([['client', 'program', [program, TEXT]]])
      assert.deepEqual(chunksOf(on.tap.take(server, 'client')), byTracepoint ? [] : SENT)
      assert.equal(on.tap.stat(stat) > before, byTracepoint)
    })
  }

  test('Multipath TCP', async () => {
    const before = on.tap.stat(Stat.MPTCP)
    const play = on.peer.play([['client', 'send', TEXT]], { family: 'mptcp' })
    if (!existsSync('/proc/sys/net/mptcp')) return assert.rejects(play, /Protocol not supported/)
    const { server } = await play
    assert.deepEqual(chunksOf(on.tap.take(server, 'client')), [])
    assert.ok(on.tap.stat(Stat.MPTCP) > before)
  })
}

describe('what a family does not see', () => {
  before(() => {
    for (const [, source, flags] of PROGRAMS) {
      const out = ['-o', join(folder, source), `${SOURCES}${source}.c`]
      execFileSync('gcc', [...flags.split(' '), ...out])
    }
  })
  after(() => rmSync(folder, { recursive: true }))

  for (const family of usableFamilies()) describe(family, () => counted(family))
})
