import type { Process } from './process.ts'

/** Interpreters by the name of their executable, version suffixes apart. */
const INTERPRETERS: Readonly<Record<string, Interpreter>> = {
  python: { takesValue: ['-W', '-X', '--check-hash-based-pycs'], module: '-m', code: ['-c'] },
  node: {
    takesValue: [
      '-r',
      '--require',
      '--import',
      '--loader',
      '--experimental-loader',
      '-C',
      '--conditions',
      '--env-file',
      '--title',
    ],
    code: ['-e', '--eval', '-p', '--print', '-pe'],
  },
  ruby: { takesValue: ['-r', '-I', '-C', '-E'], code: ['-e'] },
  perl: { takesValue: ['-I'], code: ['-e', '-E'] },
  php: { takesValue: ['-c', '-d', '-S', '-t', '-z'], script: ['-f'], code: ['-r'] },
  java: {
    takesValue: [
      '-cp',
      '-classpath',
      '--class-path',
      '-p',
      '--module-path',
      '--add-modules',
      '--add-opens',
      '--add-exports',
      '--add-reads',
    ],
    script: ['-jar'],
    module: '-m',
  },
  dotnet: { takesValue: [], script: ['exec'], code: [] },
  bun: { takesValue: ['-r', '--preload'], script: ['run'], code: ['-e', '--eval'] },
  deno: { takesValue: [], script: ['run', 'serve'], code: ['eval'] },
}

interface Interpreter {
  /** Options whose value is the next argument. */
  readonly takesValue: readonly string[]
  /** Option whose value names a module: that is the name. */
  readonly module?: string
  /** Words in front of the script. */
  readonly script?: readonly string[]
  /** Options that bring the program itself: there is no script. */
  readonly code?: readonly string[]
}

/** The last part of the executable's path, else of the first argument, else the kernel's name of it. */
export function executableName(process: Process): string {
  const name = lastPart(process.exePath) || lastPart(firstWord(process))
  return name !== '' ? name : process.comm
}

/**
 * The name of the link that a program was started by, where the kernel confirms it: Debian's redis-server is a link to redis-check-rdb.
 * '' if there is none.
 */
export function linkName(process: Process): string {
  const name = lastPart(firstWord(process)).replace(/:$/, '')
  const confirmed = Buffer.from(name).subarray(0, COMM_BYTES).toString() === process.comm
  return confirmed && name !== lastPart(process.exePath) ? name : ''
}

/** Of struct task_struct's comm, without its end. */
const COMM_BYTES = 15

const lastPart = (path: string) => path.slice(path.lastIndexOf('/') + 1)
const firstWord = ({ args }: Process) => args[0]?.split(' ')[0] ?? ''

function interpreterOf(executable: string): Interpreter | undefined {
  const name = executable.replace(/[\d.]+$/, '')
  return Object.hasOwn(INTERPRETERS, name) ? INTERPRETERS[name] : undefined
}

/** What an interpreter was told to run. */
export interface Script {
  /** A module or class is named as it is; of a file the name says nothing yet: see `baseName`. */
  readonly kind: 'file' | 'module'
  readonly text: string
}

/** Undefined for a program without an interpreter, or one that was given its code on the command line. */
export function scriptOf(process: Process): Script | undefined {
  const { args } = process
  const interpreter = interpreterOf(executableName(process))
  if (interpreter === undefined) return undefined
  for (let i = 1; i < args.length; i++) {
    const arg = args[i] ?? ''
    if (arg === interpreter.module) return moduleOf(args[i + 1])
    if (interpreter.code?.includes(arg)) return undefined
    if (interpreter.takesValue.includes(arg)) i++
    else if (arg === '' || arg.startsWith('-') || interpreter.script?.includes(arg)) continue
    else return { kind: 'file', text: arg }
  }
  return undefined
}

/** `http.server` stays as it is; of java's `module/main.Class` the class counts. */
function moduleOf(module: string | undefined): Script | undefined {
  if (module === undefined || module === '') return undefined
  return { kind: 'module', text: module.slice(module.indexOf('/') + 1) }
}

/** Is it a worker of Python's multiprocessing, which gets what it runs from its parent through a pipe? */
export const isWorker = ({ args }: Process): boolean =>
  args.some((arg) => /^from multiprocessing\.\w+ import /.test(arg))

/** A script without its folder and ending. */
export function baseName(path: string): string {
  const file = path.slice(path.lastIndexOf('/') + 1)
  return file.replace(/\.(?:py|pyc|js|mjs|cjs|ts|mts|rb|pl|php|jar|dll)$/, '')
}
