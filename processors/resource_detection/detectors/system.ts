import { lookup, resolveCname, reverse } from 'node:dns/promises'
import { arch, networkInterfaces, release, version } from 'node:os'
import { type Detect, orElse } from '../detector.ts'
import type { World } from '../world.ts'

export const SYSTEM_ATTRIBUTES = {
  'host.name': true,
  'os.type': true,
  'host.arch': false,
  'host.id': false,
  'host.interface': false,
  'host.ip': false,
  'host.mac': false,
  'host.cpu.cache.l2.size': false,
  'host.cpu.family': false,
  'host.cpu.model.id': false,
  'host.cpu.model.name': false,
  'host.cpu.stepping': false,
  'host.cpu.vendor.id': false,
  'os.build.id': false,
  'os.description': false,
  'os.name': false,
  'os.version': false,
} as const

export const HOSTNAME_SOURCES = ['os', 'dns', 'cname', 'lookup'] as const
type HostnameSource = (typeof HOSTNAME_SOURCES)[number]

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: 'x86' }

/** What the machine says of itself. */
export const system: Detect<{ readonly hostname_sources: readonly HostnameSource[] }> = async ({
  world,
  options,
  wants,
}) => ({
  'host.name': wants('host.name') ? await hostName(world, options.hostname_sources) : undefined,
  'os.type': 'linux',
  'host.arch': ARCHITECTURES[arch()] ?? arch(),
  'host.id': world.read('/etc/machine-id').trim() || world.read('/var/lib/dbus/machine-id').trim(),
  ...network(),
  ...processor(world),
  ...osOf(world),
})

async function hostName(world: World, sources: readonly HostnameSource[]): Promise<string> {
  for (const source of sources) {
    const name = await orElse(inTime(nameBy(source, world.hostname()), world.probeMs), '')
    if (name !== '') return name
  }
  return world.hostname()
}

/** `dns` is the name that the address of the own name has. */
async function nameBy(source: HostnameSource, own: string): Promise<string> {
  if (source === 'os') return own
  if (source === 'cname') return (await resolveCname(own))[0] ?? ''
  const { address } = await lookup(own)
  const [name = ''] = await reverse(address)
  return name.replace(/\.$/, '')
}

/** A name server that does not answer is no reason to start late. */
function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error('no answer')), ms)
  return Promise.race([work, late.promise]).finally(() => clearTimeout(timer))
}

function network() {
  const others = Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses.filter(({ internal }) => !internal).map((one) => ({ ...one, name })),
  )
  const each = (of: (one: (typeof others)[number]) => string) => [...new Set(others.map(of))]
  return {
    'host.interface': each(({ name }) => name),
    'host.ip': each(({ address }) => address),
    'host.mac': each(({ mac }) => mac.toUpperCase().replaceAll(':', '-')),
  }
}

function processor(world: World) {
  const info = fieldsOf(world.read('/proc/cpuinfo').split('\n\n', 1)[0] ?? '', ':')
  const cache = Number.parseInt(info.get('cache size') ?? '', 10)
  return {
    'host.cpu.vendor.id': info.get('vendor_id'),
    'host.cpu.family': info.get('cpu family'),
    'host.cpu.model.id': info.get('model'),
    'host.cpu.model.name': info.get('model name'),
    'host.cpu.stepping': info.get('stepping'),
    'host.cpu.cache.l2.size': Number.isNaN(cache) ? undefined : cache,
  }
}

function osOf(world: World) {
  const about = fieldsOf(world.read('/etc/os-release'), '=')
  const kernel = `Linux ${world.hostname()} ${release()} ${version()}`
  return {
    'os.name': about.get('NAME'),
    'os.version': about.get('VERSION_ID'),
    'os.build.id': about.get('BUILD_ID'),
    'os.description': `${about.get('PRETTY_NAME') ?? 'Linux'} (${kernel})`,
  }
}

function fieldsOf(text: string, separator: string): ReadonlyMap<string, string> {
  return new Map(
    text.split('\n').flatMap((line) => {
      const at = line.indexOf(separator)
      if (at < 0) return []
      const value = line
        .slice(at + 1)
        .trim()
        .replace(/^"(.*)"$/, '$1')
      return [[line.slice(0, at).trim(), value] as const]
    }),
  )
}
