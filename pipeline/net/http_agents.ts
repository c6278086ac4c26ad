import type http from 'node:http'
import type https from 'node:https'
import type { Duplex } from 'node:stream'
import type tls from 'node:tls'
import { builtins } from './builtins.ts'
import { tunnel } from './proxy.ts'
import type { TlsClient } from './tls_fields.ts'

type Created = (error: Error | null, socket: Duplex) => void

/** Connects through the CONNECT of a proxy, and speaks TLS to what is behind it. */
function tunnelAgent(options: https.AgentOptions, proxy: URL): https.Agent {
  const { https, tls } = builtins
  const agent = new https.Agent(options)
  agent.createConnection = (target: tls.ConnectionOptions, created?: Created): undefined => {
    tunnel(proxy, `${target.host}:${target.port}`).then(
      (socket) => created?.(null, tls.connect({ ...target, socket, path: undefined } as never)),
      (error: Error) => created?.(error, undefined as never),
    )
  }
  return agent
}

/** What keeps the connections of a client; a new one for each read of its TLS files. */
export function agentFor(
  secure: boolean,
  options: http.AgentOptions,
  tlsClient: TlsClient,
  proxy: URL | undefined,
): http.Agent {
  if (!secure) return new builtins.http.Agent(options)
  const agent = { ...options, ...tlsClient }
  return proxy === undefined ? new builtins.https.Agent(agent) : tunnelAgent(agent, proxy)
}
