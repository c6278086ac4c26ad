import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { buildKernelFuzzers, classify, KERNEL_FUZZERS, runKernelFuzzer } from './kernel.ts'

const INPUTS = 20_000
const FIRST_BYTES = fileURLToPath(
  new URL('../../../receivers/ebpf/protocols/http1/testdata/first_bytes.hex', import.meta.url),
)

before(buildKernelFuzzers)

describe("the kernel's code on the host, fuzzed in its short form", () => {
  for (const name of KERNEL_FUZZERS) {
    test(name, () => {
      const { inputs, failed, output } = runKernelFuzzer(name, { inputs: INPUTS })
      assert.equal(failed, false, output)
      assert.ok(inputs >= INPUTS)
    })
  }
})

test('the kernel and the parser take the same first bytes for the same', () => {
  const rows = readFileSync(FIRST_BYTES, 'utf8')
    .split('\n')
    .flatMap((line) => /^([0-9a-f]+) # (\w+)/.exec(line)?.slice(1, 3) ?? [])
  const hex = rows.filter((_, i) => i % 2 === 0)
  assert.ok(hex.length > 10)
  assert.deepEqual(
    classify(hex),
    rows.filter((_, i) => i % 2 === 1),
  )
})
