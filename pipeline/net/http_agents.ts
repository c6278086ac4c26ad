import http from 'node:http'
import https from 'node:https'
import type { Duplex } from 'node:stream'
import tls from 'node:tls'
import { tunnel } from './proxy.ts'
import type { TlsClient } from './tls_fields.ts'

type Created = (error: Error | null, socket: Duplex) => void

/** Connects through the CONNECT of a proxy, and speaks TLS to what is behind it. */
class TunnelAgent extends https.Agent {
  readonly #proxy: URL
  constructor(options: https.AgentOptions, proxy: URL) {
    super(options)
    this.#proxy = proxy
  }

  override createConnection(options: tls.ConnectionOptions, created?: Created): undefined {
    tunnel(this.#proxy, `${options.host}:${options.port}`).then(
      (socket) => created?.(null, tls.connect({ ...options, socket, path: undefined } as never)),
      (error: Error) => created?.(error, undefined as never),
    )
  }
}

/** What keeps the connections of a client; a new one for each read of its TLS files. */
export function agentFor(
  secure: boolean,
  options: http.AgentOptions,
  tlsClient: TlsClient,
  proxy: URL | undefined,
): http.Agent {
  if (!secure) return new http.Agent(options)
  const agent = { ...options, ...tlsClient }
  return proxy === undefined ? new https.Agent(agent) : new TunnelAgent(agent, proxy)
}
