import { execFileSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { unpackPackage } from '../support/debian.ts'

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
      const pattern = `^linux-image-${version.replace('.', '\\.')}\\..*cloud-amd64$`
      unpackPackage(SUITES[version], pattern, work)
      renameSync(work, folder)
    } finally {
      rmSync(work, { recursive: true, force: true })
    }
  }
  const root = join(folder, 'root')
  const [image = ''] = globSync('boot/vmlinuz-*', { cwd: root })
  return { image: join(root, image), modules: unpackModules(root) }
}
