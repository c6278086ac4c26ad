import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Protocol } from '../../bpf/events.gen.ts'
import type { Direction, ProtocolEntry } from '../../receivers/ebpf/protocol.ts'
import { chunkProtocols, PROTOCOL_DEFAULTS } from '../../receivers/ebpf/protocols/table.ts'
import { CONNECTION } from '../../receivers/ebpf/protocols/testing/chunk_play.ts'
import { buildKernelFuzzers, classify, KERNEL_FUZZERS, runKernelFuzzer } from './kernel.ts'

const INPUTS = { pairing: 20_000, frames: 1000, classify: 20_000 }
const PROTOCOLS = fileURLToPath(new URL('../../../receivers/ebpf/protocols/', import.meta.url))

before(buildKernelFuzzers)

describe("the kernel's code on the host, fuzzed in its short form", () => {
  for (const name of KERNEL_FUZZERS) {
    test(name, () => {
      const { inputs, failed, output } = runKernelFuzzer(name, { inputs: INPUTS[name] })
      assert.equal(failed, false, output)
      assert.ok(inputs >= INPUTS[name])
    })
  }
})

/** Rows of a testdata/first_bytes.hex: `hex # word: what it is`. */
function readRows(protocol: string): { hex: string; word: string; line: string }[] {
  const path = join(PROTOCOLS, protocol, 'testdata/first_bytes.hex')
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, hex, word] = /^([0-9a-f]+) # (\w+)/.exec(line) ?? []
      return hex === undefined || word === undefined ? [] : [{ hex, word, line }]
    })
}

test('the kernel and the parser take the same first bytes for the same', () => {
  const rows = readRows('http1')
  assert.ok(rows.length > 10)
  assert.deepEqual(
    classify(rows.map(({ hex }) => hex)).map(({ http1 }) => http1),
    rows.map(({ word }) => word),
  )
})

/** What user space confirms, by the folders of protocols that are read as chunks. */
const ENTRIES = chunkProtocols(PROTOCOL_DEFAULTS)
const FOLDERS = Object.entries(Protocol).flatMap(([name, id]) => {
  const entry = ENTRIES.find((one) => one.id === id)
  return entry === undefined ? [] : [{ folder: name.toLowerCase(), entry }]
})

/** As the first chunk of a connection. */
const looksRight = ({ begins }: ProtocolEntry, hex: string, direction: Direction) => {
  const data = Buffer.from(hex, 'hex')
  const times = { firstNs: 0, lastNs: 0, tgid: 1 }
  const chunk = { direction, position: 0, bytes: data.length, data, tail: data, ...times }
  return begins(chunk, CONNECTION)
}

/** `yes`: by both. `missed`: by user space alone, as the kernel prefers a miss. `no`: by neither. */
for (const { folder, entry } of FOLDERS) {
  test(`${folder}: the kernel and user space take the same first bytes for the same`, () => {
    const rows = readRows(folder)
    const kernel = classify(rows.map(({ hex }) => hex))
    assert.ok(rows.length > 5)
    for (const [i, { hex, word, line }] of rows.entries()) {
      assert.equal(kernel[i]?.protocol === entry.id, word === 'yes', line)
      const user = ['request', 'response'].some((from) => looksRight(entry, hex, from as Direction))
      assert.equal(user, word !== 'no', line)
    }
  })
}
