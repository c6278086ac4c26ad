import type http from 'node:http'
import type net from 'node:net'
import type { Duplex } from 'node:stream'
import type tls from 'node:tls'
import { builtins } from './builtins.ts'
import { tunnel } from './proxy.ts'
import { isSocks } from './socks.ts'
import type { TlsClient } from './tls_fields.ts'

type Created = (error: Error | null, socket: Duplex) => void

/** Loaded for those who use it. Not the package itself: of a CommonJS module the bundle gives `import()` only a default. */
const viaSocks = async (proxy: URL, host: string, port: number): Promise<net.Socket> =>
  (await import('./socks_connection.ts')).socksConnection(proxy, host, port)

/** Lets a proxy make the connections, and speaks TLS to what is behind it if `agent` is one of HTTPS. */
function throughProxy(agent: http.Agent, proxy: URL): http.Agent {
  const secure = agent instanceof builtins.https.Agent
  agent.createConnection = (target: tls.ConnectionOptions, created?: Created): undefined => {
    const over = (socket: net.Socket): Duplex =>
      secure ? builtins.tls.connect({ ...target, socket, path: undefined } as never) : socket
    const [host, port] = [String(target.host), Number(target.port)]
    const made = isSocks(proxy) ? viaSocks(proxy, host, port) : tunnel(proxy, `${host}:${port}`)
    made.then(
      (socket) => created?.(null, over(socket)),
      (error: Error) => created?.(error, undefined as never),
    )
  }
  return agent
}

/** What keeps the connections of a client over TLS; a new one for each read of its files. */
export function secureAgent(
  options: http.AgentOptions,
  tlsClient: TlsClient,
  proxy: URL | undefined,
): http.Agent {
  const agent = new builtins.https.Agent({ ...options, ...tlsClient })
  return proxy === undefined ? agent : throughProxy(agent, proxy)
}

/** The same in plain text. To a proxy of HTTP each request names its target itself. */
export function plainAgent(options: http.AgentOptions, proxy: URL | undefined): http.Agent {
  const agent = new builtins.http.Agent(options)
  return proxy !== undefined && isSocks(proxy) ? throughProxy(agent, proxy) : agent
}
