import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, test } from 'node:test'
import { loadObject } from '../../native/load.ts'
import { HOOK_FAMILIES, ownSections } from '../../receivers/ebpf/sources/tcp.ts'
import { type ProgramCost, programCosts } from './programs.ts'
import { usableFamilies } from './tcp/families.ts'
import { objectPath } from './tcp/tap.ts'

/** Less than half of what a kernel walks before it gives up: room for kernels to come. */
const VERIFIED_MAX = 500_000

const FOLDER = dirname(objectPath('tcp'))
const unusable = HOOK_FAMILIES.filter((family) => !usableFamilies().includes(family))

/** The kernel has no such function: tcp_sendpage went in 6.5. Whatever else is refused is a fault. */
const mayBeRefused = ({ section, refused = '' }: ProgramCost) =>
  unusable.some((family) => ownSections(family).test(section)) ||
  (section === 'fexit/tcp_sendpage' && /failed to find kernel BTF type ID/.test(refused))

/** A signal each millisecond, far less than a program of ours takes to be verified. */
const STORM = `const nap = new Int32Array(new SharedArrayBuffer(4))
for (;;) { process.kill(Number(process.argv[1]), 'SIGURG'); Atomics.wait(nap, 0, 0, 1) }`

describe('every program loads', () => {
  for (const file of readdirSync(FOLDER)) {
    test(file, (t) => {
      const costs = programCosts(join(FOLDER, file))
      assert.ok(costs.length > 0)
      for (const cost of costs) {
        const { name, verifiedInstructions: verified, instructions, machineBytes, refused } = cost
        if (refused !== undefined) {
          assert.ok(mayBeRefused(cost), `${name}: ${refused}`)
          continue
        }
        t.diagnostic(
          `${name}: ${verified} verified, ${instructions} instructions, ${machineBytes} bytes`,
        )
        assert.ok(verified < VERIFIED_MAX, `${name}: ${verified} instructions verified`)
      }
    })
  }
})

test('loads while signals pour in: the verifier gives up when one is pending', async (t) => {
  let signals = 0
  const count = () => signals++
  process.on('SIGURG', count)
  const storm = spawn(process.execPath, ['-e', STORM, String(process.pid)])
  t.after(() => process.off('SIGURG', count))
  await once(process, 'SIGURG')
  const { object, failed } = loadObject(objectPath('openssl'))
  storm.kill('SIGKILL')
  object.close()
  await once(storm, 'exit')
  await new Promise((resolve) => setImmediate(resolve))
  assert.ok(signals > 10, `${signals} signals`)
  assert.deepEqual(failed, [])
})
