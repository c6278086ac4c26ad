import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { CACHE, ROOT } from './paths.mjs'
import { run, say } from './run.mjs'

const SOURCES = join(ROOT, 'test/truth/programs')

/** How the programs of test/truth are built: the version of Go, and what is particular. */
const KINDS = {
  static: { env: { CGO_ENABLED: '0' }, args: [] },
  stripped_pie: { env: { CGO_ENABLED: '0' }, args: ['-buildmode=pie', '-ldflags=-s -w'] },
  cgo_stripped_pie: {
    env: { CGO_ENABLED: '1' },
    args: ['-buildmode=pie', '-ldflags=-s -w -linkmode=external'],
  },
  boringcrypto: { env: { CGO_ENABLED: '1', GOEXPERIMENT: 'boringcrypto' }, args: [] },
}
/** Of the newest version alone: the experiment is younger than the oldest. */
const EXPERIMENTS = ['boringcrypto']

const VERSIONS = [
  '1.17.13',
  '1.18.10',
  '1.19.13',
  '1.20.14',
  '1.21.13',
  '1.22.12',
  '1.23.12',
  '1.24.13',
  '1.25.7',
  '1.26.8',
]

/** Every version in every kind. */
export const ALL_GO_BUILDS = VERSIONS.flatMap((version) =>
  Object.keys(KINDS)
    .filter((kind) => version === VERSIONS.at(-1) || !EXPERIMENTS.includes(kind))
    .map((kind) => ({ version, kind })),
)

/** What set-up brings: the oldest that is read, and the newest in each kind. */
export const SMALL_GO_BUILDS = ALL_GO_BUILDS.filter(
  ({ version, kind }) =>
    version === VERSIONS.at(-1) || (version === VERSIONS[0] && kind === 'static'),
)

export const NEWEST_GO_BUILD = { version: VERSIONS.at(-1), kind: 'static' }

/** The program `name` of test/truth/programs, built once by the module proxy's own toolchain of that version. */
export function bringGoProgram({ version, kind }, name) {
  const source = join(SOURCES, `${name}.go`)
  const hash = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 16)
  const binary = join(CACHE, 'go', `${version}-${kind}-${name}-${hash}`)
  if (existsSync(binary)) return binary
  say(`building ${name}.go by Go ${version}, ${kind}`)
  mkdirSync(join(CACHE, 'go'), { recursive: true })
  const { env, args } = KINDS[kind]
  const work = `${binary}.${process.pid}`
  try {
    // Flags that the user has set may be unknown to an older Go.
    const settings = { GOENV: 'off', GOFLAGS: '', GOTOOLCHAIN: `go${version}`, ...env }
    run('go', ['build', ...args, '-o', work, source], { env: { ...process.env, ...settings } })
    renameSync(work, binary)
  } finally {
    rmSync(work, { force: true })
  }
  return binary
}

export function bringGoPrograms() {
  for (const build of SMALL_GO_BUILDS) {
    for (const name of ['server', 'client']) bringGoProgram(build, name)
  }
  for (const build of SMALL_GO_BUILDS.slice(0, 1)) bringGoProgram(build, 'once')
  bringGoProgram(NEWEST_GO_BUILD, 'dns')
}
