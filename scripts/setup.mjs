// Makes a checkout ready to run: packages, Node, node_modules, bpf/, native/, TypeScript.
// Any Node from 20 on runs it. `--test` brings what the tests need as well.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { alone } from './setup/lock.mjs'
import { placeNode } from './setup/node.mjs'
import { BUILD_PACKAGES, installPackages, TEST_PACKAGES } from './setup/packages.mjs'
import { BUILD, ROOT } from './setup/paths.mjs'
import { run, SetupError } from './setup/run.mjs'

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

function isDone(test) {
  try {
    return (
      readFileSync(stampOf(test), 'utf8') === fingerprint(test) &&
      existsSync(join(ROOT, 'dist/cli/main.js'))
    )
  } catch {
    return false
  }
}

function installModules() {
  const lock = readFileSync(join(ROOT, 'package-lock.json'))
  const stamp = join(ROOT, 'node_modules', '.weir-lock')
  const wanted = createHash('sha256').update(lock).digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
  writeFileSync(stamp, wanted)
}

function setUp(test) {
  installPackages(test ? [...BUILD_PACKAGES, ...TEST_PACKAGES] : BUILD_PACKAGES)
  placeNode()
  installModules()
  run('make', ['--silent', '-C', 'bpf'])
  run('make', ['--silent', '-C', 'native'])
  run('node_modules/.bin/tsc', ['-p', '.'])
  mkdirSync(BUILD, { recursive: true })
  writeFileSync(stampOf(test), fingerprint(test))
}

try {
  const test = process.argv.includes('--test')
  if (!isDone(test)) alone(join(BUILD, '.set-up-lock'), () => isDone(test) || setUp(test))
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  process.stderr.write(`weir set-up: ${error.message}\n`)
  process.exitCode = 1
}
