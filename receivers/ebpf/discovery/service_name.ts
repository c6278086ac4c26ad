import { parseResourceAttributes } from './environment.ts'
import type { Process } from './process.ts'

/** Interpreters by the name of their executable, version suffixes apart, and `process.runtime.name` as OpenTelemetry knows it. */
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

/**
 * The name of the service that a process is: what the process itself was told by `OTEL_SERVICE_NAME` or by
 * `service.name` in `OTEL_RESOURCE_ATTRIBUTES`, else its script's name if an interpreter runs it, else its executable's.
 */
export function serviceName(process: Process): string {
  const told = process.env.get('OTEL_SERVICE_NAME')
  if (told !== undefined && told !== '') return told
  const attributes = parseResourceAttributes(process.env.get('OTEL_RESOURCE_ATTRIBUTES') ?? '')
  const attribute = attributes.get('service.name')
  if (attribute !== undefined && attribute !== '') return attribute
  const executable = executableName(process)
  return scriptName(executable, process.args) ?? executable
}

/** The last part of the executable's path, else of the first argument, else the kernel's name of it. */
export function executableName(process: Process): string {
  const path = process.exePath !== '' ? process.exePath : (process.args[0]?.split(' ')[0] ?? '')
  const name = path.slice(path.lastIndexOf('/') + 1)
  return name !== '' ? name : process.comm
}

/** `process.runtime.name`: of the interpreter that runs the process, undefined when there is none. */
export function runtimeOf(process: Process): string | undefined {
  const name = executableName(process).replace(/[\d.]+$/, '')
  if (!Object.hasOwn(INTERPRETERS, name)) return undefined
  return name === 'node' ? 'nodejs' : name
}

function interpreterOf(executable: string): Interpreter | undefined {
  const name = executable.replace(/[\d.]+$/, '')
  return Object.hasOwn(INTERPRETERS, name) ? INTERPRETERS[name] : undefined
}

function scriptName(executable: string, args: readonly string[]): string | undefined {
  const interpreter = interpreterOf(executable)
  if (interpreter === undefined) return undefined
  for (let i = 1; i < args.length; i++) {
    const arg = args[i] ?? ''
    if (arg === interpreter.module) return moduleName(args[i + 1])
    if (interpreter.code?.includes(arg)) return undefined
    if (interpreter.takesValue.includes(arg)) i++
    else if (arg === '' || arg.startsWith('-') || interpreter.script?.includes(arg)) continue
    else return baseName(arg)
  }
  return undefined
}

/** `http.server` stays as it is; of java's `module/main.Class` the class counts. */
const moduleName = (module: string | undefined) =>
  module === undefined || module === '' ? undefined : module.slice(module.indexOf('/') + 1)

/** A script without its folder and ending. */
function baseName(path: string): string | undefined {
  const file = path.slice(path.lastIndexOf('/') + 1)
  const name = file.replace(/\.(?:py|pyc|js|mjs|cjs|ts|mts|rb|pl|php|jar|dll)$/, '')
  return name === '' ? undefined : name
}
