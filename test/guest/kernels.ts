import { execFileSync } from 'node:child_process'
import {
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** The kernels that tests boot, oldest first, and the Debian suite that each comes from. */
const SUITES = { '5.10': 'bullseye', '6.1': 'bookworm', '6.12': 'trixie' } as const

export type GuestKernel = keyof typeof SUITES

export const GUEST_KERNELS = Object.keys(SUITES) as readonly GuestKernel[]

export interface Kernel {
  readonly image: string
  /** Module files in the order in which they can be inserted, decompressed. */
  readonly modules: readonly string[]
}

const CACHE = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'weir', 'kernels')

/** In the order in which they can be inserted; a kernel has built in those that it has no file of. */
const MODULES = [
  'virtio',
  'virtio_ring',
  'virtio_pci_legacy_dev',
  'virtio_pci_modern_dev',
  'virtio_pci',
  'fuse',
  'virtiofs',
  'overlay',
]

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
  throw new Error(
    "guest kernels come from Debian, and no list of sources here names Debian's address",
  )
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

function newestPackage(names: readonly string[]): string {
  const [newest] = [...names].sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
  if (!newest) throw new Error('Debian has no such cloud kernel')
  return newest
}

function fetchKernel(version: GuestKernel, folder: string): void {
  const apt = aptFor(SUITES[version], folder)
  apt(['apt-get', 'update', '-qq'])
  const pattern = `^linux-image-${version.replace('.', '\\.')}\\..*cloud-amd64$`
  const names = apt(['apt-cache', 'search', '--names-only', pattern])
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '')
    .filter((name) => name !== '')
  apt(['apt-get', 'download', '-qq', newestPackage(names)])
  const archive = readdirSync(folder).find((name) => name.endsWith('.deb'))
  execFileSync('dpkg-deb', ['-x', join(folder, archive ?? ''), join(folder, 'root')])
  for (const left of ['lists', 'cache', archive ?? ''])
    rmSync(join(folder, left), { recursive: true })
}

function unpackModules(root: string): string[] {
  const files = globSync('{,usr/}lib/modules/*/kernel/**/*.ko{,.xz}', { cwd: root })
  return MODULES.flatMap((name) => {
    const file = files.find((path) => path.includes(`/${name}.ko`))
    if (!file) return []
    const plain = join(root, file.replace(/\.xz$/, ''))
    if (!existsSync(plain)) execFileSync('xz', ['--decompress', '--keep', join(root, file)])
    return [plain]
  })
}

/** Debian's cloud kernel of that line: brought once, then from the cache. */
export function findKernel(version: GuestKernel): Kernel {
  const folder = join(CACHE, version)
  if (!existsSync(folder)) {
    const work = `${folder}.${process.pid}`
    mkdirSync(work, { recursive: true })
    try {
      fetchKernel(version, work)
      renameSync(work, folder)
    } finally {
      rmSync(work, { recursive: true, force: true })
    }
  }
  const root = join(folder, 'root')
  const [image = ''] = globSync('boot/vmlinuz-*', { cwd: root })
  return { image: join(root, image), modules: unpackModules(root) }
}
