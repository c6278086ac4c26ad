import { execFileSync } from 'node:child_process'
import { globSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'

/** The address of the distribution, as this machine's own list of sources gives it. */
function debianAddress(): string {
  const files = globSync(['/etc/apt/sources.list', '/etc/apt/sources.list.d/*.{list,sources}'])
  for (const file of files) {
    const found = readFileSync(file, 'utf8').match(
      /^(?:URIs:|deb(?:\s+\[[^\]]*\])?)\s+(\S+\/debian)\/?\s/m,
    )
    if (found?.[1]) return found[1]
  }
  throw new Error("packages come from Debian, and no list of sources here names Debian's address")
}

/** apt-get with lists of its own, so that the machine's stay as they are. */
function aptFor(suite: string, folder: string): (args: readonly string[]) => string {
  const list = join(folder, 'weir.list')
  for (const path of ['lists/partial', 'cache/archives/partial'])
    mkdirSync(join(folder, path), { recursive: true })
  writeFileSync(list, `deb [signed-by=${KEYRING}] ${debianAddress()} ${suite} main\n`)
  const options = [
    `-oDir::Etc::SourceList=${list}`,
    '-oDir::Etc::SourceParts=-',
    `-oDir::State::Lists=${folder}/lists`,
    `-oDir::Cache=${folder}/cache`,
    '-oAPT::Sandbox::User=root',
    '-oAcquire::IndexTargets::deb::DEP-11::DefaultEnabled=false',
  ]
  return (args) =>
    execFileSync(args[0] ?? '', [...options, ...args.slice(1)], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      maxBuffer: 64 << 20,
    })
}

/** Unpacks the newest package of `suite` whose name matches, without what it depends on, below `folder`/root. */
export function unpackPackage(suite: string, pattern: string, folder: string): void {
  const apt = aptFor(suite, folder)
  apt(['apt-get', 'update', '-qq'])
  const [newest] = apt(['apt-cache', 'search', '--names-only', pattern])
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '')
    .filter((name) => name !== '')
    .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
  if (newest === undefined) throw new Error(`Debian ${suite} has no package ${pattern}`)
  apt(['apt-get', 'download', '-qq', newest])
  const archive = readdirSync(folder).find((name) => name.endsWith('.deb'))
  execFileSync('dpkg-deb', ['-x', join(folder, archive ?? ''), join(folder, 'root')])
  for (const left of ['lists', 'cache', archive ?? ''])
    rmSync(join(folder, left), { recursive: true })
}
