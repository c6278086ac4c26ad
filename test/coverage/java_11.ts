import {
  existsSync,
  globSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { unpackPackage } from '../support/debian.ts'

/** Java 11 is of this suite of Debian. A newer suite's Java needs a newer C library than an older one has. */
const SUITE = 'bullseye'
const PACKAGE = 'openjdk-11-jre-headless'

const CACHE = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'weir', 'coverage')

/** The folder of a Java 11 that lies beside the system's: brought once, then from the cache. */
export function bringJava11(): string {
  const folder = join(CACHE, 'java-11')
  if (!existsSync(folder)) {
    const work = `${folder}.${process.pid}`
    mkdirSync(work, { recursive: true })
    try {
      unpackPackage(SUITE, `^${PACKAGE}$`, work)
      renameSync(work, folder)
    } finally {
      rmSync(work, { recursive: true, force: true })
    }
  }
  const root = join(folder, 'root')
  const [home] = globSync('usr/lib/jvm/java-11-openjdk-*', { cwd: root })
  if (home === undefined) throw new Error(`no Java below ${root}`)
  relink(root, join(root, home))
  return join(root, home)
}

/** Its settings lie below /etc, where nothing was installed. */
function relink(root: string, home: string): void {
  for (const path of globSync('**/*', { cwd: home }).map((name) => join(home, name))) {
    if (!lstatSync(path).isSymbolicLink()) continue
    const target = readlinkSync(path)
    if (!target.startsWith('/etc/java-')) continue
    rmSync(path)
    symlinkSync(join(root, target), path)
  }
}
