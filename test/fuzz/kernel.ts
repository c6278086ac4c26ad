import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const BUILT = join(ROOT, 'build/fuzz')

/** What runs in the kernel, compiled for the host: libFuzzer programs of bpf/fuzz. */
export const KERNEL_FUZZERS = ['pairing', 'frames', 'classify'] as const
export type KernelFuzzer = (typeof KERNEL_FUZZERS)[number]

/** Of which lengths inputs are. Only a long row of frames gets beyond what is captured of any. */
const LENGTHS: Readonly<Record<KernelFuzzer, readonly string[]>> = {
  pairing: ['-max_len=4096'],
  frames: ['-max_len=512', '-len_control=0'],
  classify: ['-max_len=4096'],
}

export interface FuzzerRun {
  readonly inputs: number
  readonly failed: boolean
  /** The fuzzer's own words. */
  readonly output: string
}

/** Builds what has changed of bpf/fuzz. */
export const buildKernelFuzzers = (): void => {
  execFileSync('make', ['-s', '-C', join(ROOT, 'bpf/fuzz')], { stdio: 'inherit' })
}

/** Runs a fuzzer for `seconds`, or for `inputs` inputs from a fixed seed. */
export function runKernelFuzzer(
  name: KernelFuzzer,
  limit: { readonly seconds: number } | { readonly inputs: number },
): FuzzerRun {
  const folder = mkdtempSync(join(tmpdir(), 'weir-fuzz-'))
  const length =
    'seconds' in limit ? [`-max_total_time=${limit.seconds}`] : [`-runs=${limit.inputs}`, '-seed=1']
  const args = [...length, ...LENGTHS[name], '-print_final_stats=1']
  const { status, stderr } = spawnSync(join(BUILT, `${name}_fuzz`), args, { cwd: folder })
  rmSync(folder, { recursive: true })
  const output = stderr.toString('latin1')
  const inputs = Number(/number_of_executed_units: (\d+)/.exec(output)?.[1] ?? 0)
  return { inputs, failed: status !== 0, output }
}

/** What the kernel takes a run with these first bytes for. */
export interface Classified {
  readonly http1: string
  /** A value of `Protocol`. */
  readonly protocol: number
}

/** Of rows of hex: HTTP/1's `request`, `response` or `neither`, and the protocol that is read as chunks. */
export const classify = (rows: readonly string[]): Classified[] =>
  execFileSync(join(BUILT, 'classify'), { input: `${rows.join('\n')}\n` })
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [http1 = '', protocol] = line.split(' ')
      return { http1, protocol: Number(protocol) }
    })
