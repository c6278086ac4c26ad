import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import type { PipelineConfig } from '../../pipeline/graph_config.ts'
import { messageOf } from '../../pipeline/message_of.ts'
import { type Check, failed, ok } from './check.ts'

const TIMEOUT_MS = 5000
const DEFAULT_PORTS: Readonly<Record<string, number>> = { otlp_grpc: 4317, otlp_http: 4318 }

interface Target {
  readonly id: string
  readonly host: string
  readonly port: number
  readonly tls: boolean
}

/** Each exporter's way to its endpoint: the name, the port, the certificate. */
export async function endpointChecks({ exporters, pipelines }: PipelineConfig): Promise<Check[]> {
  const used = new Set([...pipelines.values()].flatMap((pipeline) => pipeline.exporters))
  const targets = [...exporters].flatMap(([id, { factory, config }]) =>
    used.has(id) ? targetOf(id, factory.type, config as Record<string, unknown>) : [],
  )
  const checks = await Promise.all(targets.map(tryTarget))
  return checks.flat()
}

function targetOf(id: string, type: string, config: Record<string, unknown>): Target[] {
  const text = config['traces_endpoint'] || config['endpoint']
  const port = DEFAULT_PORTS[type]
  if (typeof text !== 'string' || text === '' || port === undefined) return []
  const tls = config['tls'] as { readonly insecure?: boolean } | undefined
  const url = URL.parse(text.includes('://') ? text : `any://${text}`)
  if (url === null || url.protocol === 'unix:') return []
  const secure = url.protocol === 'any:' ? tls?.insecure !== true : url.protocol === 'https:'
  const own = url.protocol === 'https:' ? 443 : url.protocol === 'http:' ? 80 : port
  return [
    { id, host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port) || own, tls: secure },
  ]
}

/** Hop by hop, up to the first that does not work. */
async function tryTarget({ id, host, port, tls }: Target): Promise<Check[]> {
  const name = (hop: string) => `exporter ${id}: ${hop}`
  const checks: Check[] = []
  let hop = `name ${host}`
  let fix = 'look at the name in the configuration, and at DNS'
  try {
    const { address } = await lookup(host)
    checks.push(ok(name(hop), address))
    hop = `connect ${address}:${port}`
    fix = 'look at the port, at firewalls, and whether the backend runs'
    const socket = await connected(connect(port, address), 'connect')
    checks.push(ok(name(hop), 'accepted'))
    if (!tls) {
      socket.destroy()
      return checks
    }
    hop = `TLS with ${host}`
    fix = 'look at tls::ca_file, or set tls::insecure if the backend speaks no TLS'
    const secure = connectTls({ socket, servername: host, ALPNProtocols: ['h2', 'http/1.1'] })
    await connected(secure, 'secureConnect')
    checks.push(ok(name(hop), `${(secure as TLSSocket).getProtocol()}`))
    secure.destroy()
  } catch (error) {
    checks.push(failed(name(hop), messageOf(error), fix))
  }
  return checks
}

async function connected(socket: Socket, event: string): Promise<Socket> {
  try {
    await once(socket, event, { signal: AbortSignal.timeout(TIMEOUT_MS) })
    return socket
  } catch (error) {
    socket.destroy()
    const late = error instanceof Error && error.name === 'AbortError'
    throw late ? new Error(`no answer within ${TIMEOUT_MS / 1000} s`) : error
  }
}
