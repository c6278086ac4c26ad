import { globSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { runInGuest } from '../test/guest/guest.ts'
import { GUEST_KERNELS, type GuestKernel } from '../test/guest/kernels.ts'
import { FULL_ROWS, nameOf } from '../test/truth/rows.ts'
import { type Counts, readClosingLine } from './test_counts.ts'

/** The checkout, with a slash at its end. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** What is run, and resumed, whole; a command ends with a closing line (test_counts.ts). */
export type Step = { readonly name: string } & (
  | { readonly command: readonly string[] }
  | { readonly run: () => Promise<Counts> }
)

export interface Part {
  readonly name: string
  readonly steps: readonly Step[]
  /** Left out unless it is named: what guests run. */
  readonly onlyNamed?: boolean
}

/** Families of hooks, as `receivers::ebpf::hooks` takes them. */
const HOOKS = ['fentry', 'tracepoint', 'kprobe'] as const

const FULL = process.env['WEIR_FULL'] === '1'
const GUEST_TIMEOUT_MS = (FULL ? 120 : 20) * 60_000
/** Of the small form: the oldest kernel plays what a refusal of fentry leaves; this machine itself often allows tracepoints only. */
const SMALL_GUEST_HOOKS: Readonly<Record<GuestKernel, readonly (typeof HOOKS)[number][]>> = {
  '5.10': ['tracepoint', 'kprobe'],
  '6.1': ['fentry'],
  '6.12': ['fentry'],
}
/** What a guest runs in one boot. Emulated, the other tests of test/kernel/ take longer than all the rest. */
function guestParts(kernel: GuestKernel): string[] {
  if (FULL) return ['kernel', ...HOOKS.map((hooks) => `guest_truth_${hooks}`), 'guest_faults']
  const truth = SMALL_GUEST_HOOKS[kernel].map((hooks) => `guest_truth_${hooks}`)
  const faults = kernel === FAULTS_KERNEL ? ['guest_faults'] : []
  return [['guest_load', ...truth, ...faults].join(' ')]
}

/** Folders below test/ whose tests need no root; the other ones run one after another, on the machine's own kernel. */
const UNIT_FOLDERS = ['contract', 'golden', 'fuzz', 'support']
const NO_PARTS = [...UNIT_FOLDERS, 'guest', 'kubernetes']

const filesOf = (...patterns: string[]) =>
  globSync(patterns, { cwd: join(ROOT, 'dist'), exclude: ['node_modules/**'] })
    .map((file) => join('dist', file))
    .sort()

function unitFiles(): string[] {
  const beside = filesOf('**/*.test.js').filter((file) => !file.startsWith('dist/test/'))
  return [...beside, ...filesOf(`test/{${UNIT_FOLDERS.join(',')}}/**/*.test.js`)]
}

const onNode = (node: string, files: readonly string[], concurrency: number) => [
  node,
  '--enable-source-maps',
  'dist/scripts/test_files.js',
  `--concurrency=${concurrency}`,
  ...files,
]

/** Of scripts/setup/, which every Node runs as it is. */
async function nodeOf(which: 'OLDEST_NODE' | 'NEWEST_NODE'): Promise<string> {
  const module = await import(pathToFileURL(join(ROOT, 'scripts/setup/node.mjs')).href)
  const { bringNode, ...versions } = module as {
    bringNode: (version: string) => string
    OLDEST_NODE: string
    NEWEST_NODE: string
  }
  return bringNode(versions[which])
}

const unitPart = (name: string, node: string): Part => ({
  name,
  steps: [{ name: 'all', command: onNode(node, unitFiles(), 2) }],
})

const stepOf = (file: string, env: Readonly<Record<string, string>> = {}): Step => ({
  name: [file, ...Object.values(env)].join(' '),
  command: [
    'env',
    ...Object.entries(env).map((pair) => pair.join('=')),
    ...onNode(process.execPath, [file], 1),
  ],
})

/** The full form plays a truth row in each. */
const rowSteps = (file: string): Step[] =>
  FULL && file === 'dist/test/truth/http.test.js'
    ? FULL_ROWS.map((row) => stepOf(file, { WEIR_ROW: nameOf(row) }))
    : [stepOf(file)]

/** A step per file or row, so that a long run can go on where it stopped. */
const kernelPart = (name: string, files: readonly string[]): Part => ({
  name,
  steps: files.flatMap(rowSteps),
})

/** Whole lines of what comes in pieces, each with a name before it. */
function linesOf(name: string, say: (text: string) => void): (text: string) => void {
  let rest = ''
  return (text) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    say(lines.map((line) => `${name}: ${line}\n`).join(''))
  }
}

/** In a guest run_tests.js runs again, on the guest's kernel. */
async function runGuest(kernel: GuestKernel, parts: string, systemd = false): Promise<Counts> {
  const { output, exitCode } = await runInGuest({
    kernel,
    systemd,
    command: `cd '${ROOT}' && exec '${process.execPath}' dist/scripts/run_tests.js ${parts}`,
    env: { WEIR_FULL: process.env['WEIR_FULL'] ?? '' },
    onOutput: linesOf(kernel, (text) => process.stdout.write(text)),
    timeoutMs: GUEST_TIMEOUT_MS,
  })
  return readClosingLine(output, exitCode)
}

/** Runs the faults in the small form: a clock that is stepped, or a full disk, is the same to every kernel. */
const FAULTS_KERNEL: GuestKernel = '6.1'

const guestPart = (kernel: GuestKernel): Part => ({
  name: `guest-${kernel}`,
  steps: guestParts(kernel).map((parts) => ({ name: parts, run: () => runGuest(kernel, parts) })),
})

/** Debian's systemd is the guest's first process. Boots and hangs, so only the full form plays it. */
const systemdPart = (): Part => ({
  name: 'guest-systemd',
  steps: [{ name: '6.1', run: () => runGuest('6.1', 'guest_systemd', true) }],
  onlyNamed: !FULL,
})

/** A cluster's API server takes ten minutes to build and one to fill, so only the full form plays it. */
const kubernetesPart = (): Part => ({
  ...kernelPart('kubernetes', filesOf('test/kubernetes/*.full.js')),
  onlyNamed: !FULL,
})

/** Every part there is: those of folders below test/ are found by their name. */
export async function findParts(): Promise<readonly Part[]> {
  const folders = new Set(filesOf('test/*/*.test.js').map((file) => file.split('/')[2] ?? ''))
  const names = [...folders].filter((name) => !NO_PARTS.includes(name))
  return [
    { name: 'check', steps: [{ name: 'all', command: ['sh', 'scripts/check.sh'] }] },
    unitPart('unit', await nodeOf('NEWEST_NODE')),
    unitPart('oldest_node', await nodeOf('OLDEST_NODE')),
    ...names.map((name) => kernelPart(name, filesOf(`test/${name}/*.test.js`))),
    ...GUEST_KERNELS.map(guestPart),
    systemdPart(),
    kubernetesPart(),
    { ...kernelPart('guest_load', filesOf('test/kernel/{load,udp}.test.js')), onlyNamed: true },
    ...HOOKS.map(
      (hooks): Part => ({
        name: `guest_truth_${hooks}`,
        steps: [stepOf('dist/test/guest/truth.guest.js', { WEIR_HOOKS: hooks })],
        onlyNamed: true,
      }),
    ),
    { ...kernelPart('guest_systemd', filesOf('test/guest/systemd.guest.js')), onlyNamed: true },
    { ...kernelPart('guest_faults', filesOf('test/guest/faults.guest.js')), onlyNamed: true },
  ]
}
