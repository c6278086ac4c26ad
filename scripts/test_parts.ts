import { globSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { runInGuest } from '../test/guest/guest.ts'
import { GUEST_KERNELS, type GuestKernel } from '../test/guest/kernels.ts'
import { FULL_ROWS, GUEST_ROWS, nameOf } from '../test/truth/rows.ts'
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
  /** Left out unless it is named. */
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
/** Runs the faults in the small form: a clock that is stepped, or a full disk, is the same to every kernel. */
const FAULTS_KERNEL: GuestKernel = '6.1'

/** What a guest runs in one boot, and the families of hooks that its truth rows are played by. */
interface GuestPlay {
  readonly name: string
  readonly files: readonly string[]
  readonly hooks?: readonly (typeof HOOKS)[number][]
  /** Of those rows, the one of this name. */
  readonly row?: string
}

const TRUTH = 'dist/test/guest/truth.guest.js'
const FAULTS = 'dist/test/guest/faults.guest.js'

/** The full form plays a row in each, as rowSteps has it. */
const truthPlays = (hooks: (typeof HOOKS)[number]): GuestPlay[] =>
  GUEST_ROWS.map(nameOf).map((row) => {
    return { name: `truth by ${hooks}, ${row}`, files: [TRUTH], hooks: [hooks], row }
  })

/** The small form boots once. Emulated, the other tests of test/kernel/ take longer than all the rest. */
function guestPlays(kernel: GuestKernel): readonly GuestPlay[] {
  if (FULL)
    return [
      ...filesOf('test/kernel/*.test.js').map((file) => ({ name: file, files: [file] })),
      ...HOOKS.flatMap(truthPlays),
      { name: 'faults', files: [FAULTS] },
    ]
  const hooks = SMALL_GUEST_HOOKS[kernel]
  const faults = kernel === FAULTS_KERNEL ? [FAULTS] : []
  const load = filesOf('test/kernel/{load,udp}.test.js')
  return [{ name: `by ${hooks.join(' and ')}`, files: [...load, TRUTH, ...faults], hooks }]
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

/**
 * Functions of bytes and objects. Of JavaScript they may use what `lib` in tsconfig.json names, all of which the oldest Node has; what
 * differs from one Node to another are its own modules, sockets and files, and those the other tests use.
 */
const PURE =
  /^dist\/(connectors|pipeline\/(codec|data|ottl|prometheus)|receivers\/ebpf\/(metrics|protocols|routes|trace_context)|test\/fuzz)\//

/** A third of the time of all of them; the full form plays all. */
const oldestNodeFiles = () => unitFiles().filter((file) => FULL || !PURE.test(file))

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

const unitPart = (name: string, node: string, files: readonly string[]): Part => ({
  name,
  steps: [{ name: 'all', command: onNode(node, files, 2) }],
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

async function runGuest(
  kernel: GuestKernel,
  { files, hooks = [], row = '' }: GuestPlay,
  systemd = false,
): Promise<Counts> {
  const { output, exitCode } = await runInGuest({
    kernel,
    systemd,
    command: `cd '${ROOT}' && exec ${onNode(process.execPath, files, 1).join(' ')}`,
    env: {
      WEIR_FULL: process.env['WEIR_FULL'] ?? '',
      WEIR_EMULATED: '1',
      WEIR_HOOKS: hooks.join(' '),
      WEIR_ROW: row,
    },
    onOutput: linesOf(kernel, (text) => process.stdout.write(text)),
    timeoutMs: GUEST_TIMEOUT_MS,
  })
  return readClosingLine(output, exitCode)
}

const guestPart = (kernel: GuestKernel): Part => ({
  name: `guest-${kernel}`,
  steps: guestPlays(kernel).map((play) => ({ name: play.name, run: () => runGuest(kernel, play) })),
})

const SYSTEMD: GuestPlay = { name: '6.1', files: ['dist/test/guest/systemd.guest.js'] }

/** Debian's systemd is the guest's first process. Boots and hangs, so only the full form plays it. */
const systemdPart = (): Part => ({
  name: 'guest-systemd',
  steps: [{ name: SYSTEMD.name, run: () => runGuest('6.1', SYSTEMD, true) }],
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
    unitPart('unit', await nodeOf('NEWEST_NODE'), unitFiles()),
    unitPart('oldest_node', await nodeOf('OLDEST_NODE'), oldestNodeFiles()),
    ...names.map((name) => kernelPart(name, filesOf(`test/${name}/*.test.js`))),
    ...GUEST_KERNELS.map(guestPart),
    systemdPart(),
    kubernetesPart(),
  ]
}
