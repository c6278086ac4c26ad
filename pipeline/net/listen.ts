import { lstat, unlink } from 'node:fs/promises'
import { connect, type Server } from 'node:net'
import { type HostPort, parseHostPort } from './host_port.ts'
import { Listener } from './listener.ts'

/** Where a server listens: an address, or the path of a unix socket. */
export type Listen = HostPort | { readonly path: string }

export const TRANSPORTS = ['tcp', 'tcp4', 'tcp6', 'unix'] as const
export type Transport = (typeof TRANSPORTS)[number]

/** Undefined if it is no endpoint of that transport. */
export function parseListen(endpoint: string, transport: Transport): Listen | undefined {
  if (transport !== 'unix') return parseHostPort(endpoint)
  return endpoint === '' ? undefined : { path: endpoint.replace(/^unix:(\/\/(?=\/))?/, '') }
}

export const transportFault = (found: string) => `invalid transport type "${found}"`

/** What is wrong with an endpoint of a server. */
export const endpointFault = (server: { endpoint: string; transport: Transport }) =>
  parseListen(server.endpoint, server.transport) === undefined &&
  (server.transport === 'unix'
    ? 'expected the path of a socket, got ""'
    : `expected host:port, got "${server.endpoint}"`)

const CAUSES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'bind: address already in use',
  EACCES: 'bind: permission denied',
  EADDRNOTAVAIL: 'bind: cannot assign requested address',
  ENOTFOUND: 'lookup: no such host',
  ENOENT: 'bind: no such file or directory',
}

/** The listening socket, that of a server which a reload replaces if there is one. Rejects as `listenOn`. */
export const listenerFor = (where: Listen, transport: Transport): Promise<Listener> =>
  Listener.open(`${transport} ${textOf(where)}`, (socket) => listenOn(socket, where, transport))

const textOf = (where: Listen): string =>
  'path' in where ? where.path : `${where.host ?? ''}:${where.port}`

/** Resolves when it listens. Rejects as the Collector says it: `listen tcp host:port: bind: address already in use`. */
async function listenOn(server: Server, where: Listen, transport: Transport): Promise<void> {
  if ('path' in where) await removeStale(where.path)
  await new Promise<void>((resolve, reject) => {
    const onError = (cause: NodeJS.ErrnoException) => {
      const { code, message } = cause
      const why = CAUSES[code ?? ''] // the same in other words: printed behind them it would be said twice
      const text = `listen ${transport} ${textOf(where)}: ${why ?? message}`
      reject(Object.assign(new Error(text, why === undefined ? { cause } : {}), { code }))
    }
    server.once('error', onError)
    server.listen(optionsOf(where, transport), () => {
      server.off('error', onError)
      resolve()
    })
  })
}

function optionsOf(where: Listen, transport: Transport) {
  if ('path' in where) return where
  const any = transport === 'tcp4' ? '0.0.0.0' : undefined
  return { host: where.host ?? any, port: where.port, ipv6Only: transport === 'tcp6' }
}

/** Removes a socket that nobody listens on any more, as a process that was killed leaves it. */
async function removeStale(path: string): Promise<void> {
  const stale = await new Promise<boolean>((resolve) => {
    const probe = connect({ path })
    probe.on('connect', () => {
      probe.destroy()
      resolve(false)
    })
    probe.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'ECONNREFUSED'))
  })
  if (stale && (await lstat(path)).isSocket()) await unlink(path)
}
