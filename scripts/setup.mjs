// Makes a checkout ready to run: packages, Node, node_modules, bpf/, native/, TypeScript.
// Any Node from 20 on runs it. `--test` brings what the tests need as well.
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { bringCoverage } from './setup/coverage.mjs'
import { bringGoPrograms } from './setup/go.mjs'
import {
  bringClients,
  bringGoClients,
  bringGoHttp2,
  bringJava,
  bringNats,
  bringSender,
  LANGUAGES,
} from './setup/interop.mjs'
import { alone } from './setup/lock.mjs'
import { bringNode, bringNodeLicence, NEWEST_NODE, OLDEST_NODE, placeNode } from './setup/node.mjs'
import { BUILD_PACKAGES, installPackages, TEST_PACKAGES } from './setup/packages.mjs'
import { BUILD, ROOT } from './setup/paths.mjs'
import { output, run, SetupError, say } from './setup/run.mjs'

const DIST = join(ROOT, 'dist')
const SKIPPED = new Set(['node_modules', 'dist', 'build', '.git', 'docs'])
const SOURCES = /\.(ts|mjs|c|h|cc|json)$|^Makefile$/

function* sources(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory() && !SKIPPED.has(entry.name)) yield* sources(join(folder, entry.name))
    else if (entry.isFile() && SOURCES.test(entry.name)) yield join(folder, entry.name)
  }
}

/** Changes when a source changes, without reading it. */
function fingerprint(test) {
  const hash = createHash('sha256').update(`${test}`)
  for (const path of sources(ROOT)) {
    const { size, mtimeMs } = statSync(path)
    hash.update(`${path} ${size} ${mtimeMs}\n`)
  }
  return hash.digest('hex')
}

const stampOf = (test) => join(BUILD, test ? '.set-up-for-tests' : '.set-up')

/** What has to be there even though no source changed. */
const MADE = ['node_modules', 'build/weir/main.js', 'build/native/weir.node', 'build/bpf']

function isDone(test) {
  try {
    return (
      MADE.every((path) => existsSync(join(ROOT, path))) &&
      readFileSync(stampOf(test), 'utf8') === fingerprint(test)
    )
  } catch {
    return false
  }
}

function writeAtomically(path, text) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(`${path}.${process.pid}`, text)
  renameSync(`${path}.${process.pid}`, path)
}

function installModules() {
  const lock = readFileSync(join(ROOT, 'package-lock.json'))
  const stamp = join(ROOT, 'node_modules', '.weir-lock')
  const wanted = createHash('sha256').update(lock).digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
  writeAtomically(stamp, wanted)
}

/** A test or a module whose source is gone would be run for ever. */
function removeStale(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) removeStale(path)
    else if (!existsSync(path.replace(DIST, ROOT).replace(/\.js(\.map)?$/, '.ts'))) {
      if (/\.js(\.map)?$/.test(path)) rmSync(path)
    }
  }
}

const compile = () => run('node_modules/.bin/tsc', ['-p', '.'])

/** Writes bpf/events.gen.ts, which is committed, if it is not what the objects give. */
function generate() {
  const script = ['scripts/weir_node.sh', 'dist/scripts/gen_events.js']
  if (output('sh', [...script, '--check'], { cwd: ROOT }) !== undefined) return
  run('sh', script)
  compile()
}

/** For the tests: the Nodes, kernels and SDKs that they run on, so that they need no network after this. */
function bringTestMachines() {
  for (const version of [OLDEST_NODE, NEWEST_NODE]) bringNode(version)
  bringNodeLicence()
  run('sh', ['scripts/weir_node.sh', 'dist/scripts/bring_kernels.js'])
  for (const language of LANGUAGES) bringSender(language)
  bringClients()
  bringGoClients()
  bringJava()
  bringGoHttp2()
  bringNats()
  bringGoPrograms()
  bringCoverage()
}

function setUp(test) {
  installPackages(test ? [...BUILD_PACKAGES, ...TEST_PACKAGES] : BUILD_PACKAGES)
  placeNode()
  installModules()
  const built = fingerprint(test)
  say('building')
  run('make', ['--silent', '-C', 'bpf'])
  run('make', ['--silent', '-C', 'native'])
  compile()
  removeStale(DIST)
  generate()
  run('node', ['scripts/bundle.mjs'])
  if (test) bringTestMachines()
  writeAtomically(stampOf(test), built)
}

try {
  const test = process.argv.includes('--test')
  if (!isDone(test)) alone(join(BUILD, '.set-up-lock'), () => isDone(test) || setUp(test))
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  say(error.message)
  process.exitCode = 1
}
