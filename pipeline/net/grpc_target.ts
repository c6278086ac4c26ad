import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { parseHostPort } from './host_port.ts'

/** Where a gRPC client sends to: an endpoint of the Collector, taken apart. */
export interface Target {
  /** Undefined: `tls::insecure` decides. */
  readonly secure: boolean | undefined
  /** What the certificate is for, and `:authority`. */
  readonly authority: string
  /** A socket, or a name to look up. */
  readonly at: { readonly path: string } | { readonly host: string; readonly port: number }
}

/** An address to connect to. */
export type Address = { readonly path: string } | { readonly host: string; readonly port: number }

/** `host:port`, `http://host:port`, `https://...`, `dns:///...`, `unix:path`, `unix:///path`; undefined for what is none. Source: grpc/doc/naming.md */
export function parseTarget(endpoint: string): Target | undefined {
  const unix = /^unix:(?:\/\/(?=\/))?(.+)$/.exec(endpoint)?.[1]
  if (unix !== undefined) return { secure: undefined, authority: 'localhost', at: { path: unix } }
  const [, scheme = '', rest = ''] =
    /^(https?:\/\/|dns:\/\/\/|dns:|passthrough:\/\/\/)?(.*?)\/?$/.exec(endpoint) ?? []
  const at = parseHostPort(rest)
  if (at?.host === undefined) return undefined
  return { secure: secureOf(scheme), authority: rest, at: { host: at.host, port: at.port } }
}

function secureOf(scheme: string): boolean | undefined {
  if (scheme === 'https://') return true
  return scheme === 'http://' ? false : undefined
}

/** What is wrong with the `endpoint` of a gRPC client. */
export function targetFault(endpoint: string): string | false {
  if (endpoint === '') return 'requires a non-empty "endpoint"'
  if (parseTarget(endpoint) !== undefined) return false
  const port = /:([^:\]/]*)\/?$/.exec(endpoint.replace(/^\w+:\/{2,3}/, ''))?.[1]
  if (port !== undefined && !/^\d+$/.test(port)) return `invalid port "${port}"`
  if (!endpoint.includes(':')) return `address ${endpoint}: missing port in address`
  return `expected host:port, dns:///host:port, unix:///path, http:// or https:// and host:port, got "${endpoint}"`
}

/** All addresses of a target, in the order of the resolver. Rejects as the resolver does. */
export async function resolve({ at }: Target): Promise<readonly Address[]> {
  if ('path' in at || isIP(at.host) !== 0) return [at]
  const found = await lookup(at.host, { all: true })
  return found.map(({ address }) => ({ host: address, port: at.port }))
}

export const addressText = (address: Address): string =>
  'path' in address ? `unix:${address.path}` : `${address.host}:${address.port}`
