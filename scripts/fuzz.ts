/**
 * `npm run fuzz [-- TARGET] [--seconds N] [--seed N]`: plays random inputs against everything that reads what others wrote,
 * a minute each, from a seed that the clock gives. What fails is named by its seed: `--seed N` plays just that one.
 * Without TARGET, the kernel's own code too, compiled for the host (bpf/fuzz, libFuzzer).
 */
import { parseArgs } from 'node:util'
import { buildKernelFuzzers, KERNEL_FUZZERS, runKernelFuzzer } from '../test/fuzz/kernel.ts'
import { fuzz, playSeed } from '../test/fuzz/run.ts'
import { FUZZ_TARGETS } from '../test/fuzz/targets.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
const unknown = positionals.filter((name) => !(name in FUZZ_TARGETS))
if (values.help || unknown.length > 0) {
  process.stderr.write('usage: npm run fuzz -- [TARGET ...] [--seconds N] [--seed N]\n')
  process.stderr.write(`targets: ${Object.keys(FUZZ_TARGETS).join(' ')}\n`)
  process.exit(values.help ? 0 : 2)
}
const targets = positionals.length > 0 ? positionals : Object.keys(FUZZ_TARGETS)

for (const target of targets) {
  if (values.seed === undefined) run(target)
  else
    console.log(
      `${target}: seed ${values.seed} took ${playSeed(target, Number(values.seed)).toFixed(1)} ms`,
    )
}

if (positionals.length === 0 && values.seed === undefined) {
  buildKernelFuzzers()
  for (const name of KERNEL_FUZZERS) runKernel(name)
}

function runKernel(name: (typeof KERNEL_FUZZERS)[number]): void {
  const { inputs, failed, output } = runKernelFuzzer(name, { seconds: Number(values.seconds) })
  console.log(`kernel ${name}: ${inputs} inputs`)
  if (!failed) return
  console.error(output)
  process.exitCode = 1
}

function run(target: string): void {
  const until = performance.now() + Number(values.seconds) * 1000
  const { inputs, slowestMs, failure } = fuzz(target, Date.now(), Number.POSITIVE_INFINITY, until)
  console.log(`${target}: ${inputs} inputs, the slowest took ${slowestMs.toFixed(1)} ms`)
  if (failure === undefined) return
  console.error(
    `${target}: seed ${failure.seed} failed; play it by: npm run fuzz -- ${target} --seed ${failure.seed}`,
  )
  console.error(failure.cause)
  process.exitCode = 1
}
