import net from 'node:net'
import { builtins } from './builtins.ts'
import { isSocks } from './socks.ts'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The proxy for a target: the configured one, else that of HTTP_PROXY, HTTPS_PROXY and NO_PROXY, by the rules of
 * Go's library. Throws if the environment names none that weir knows. Source: https://pkg.go.dev/golang.org/x/net/http/httpproxy
 */
export function proxyFor(target: URL, configured: string, env: Environment): URL | undefined {
  if (configured !== '') return new URL(configured)
  const name = target.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY'
  const proxy = env[name] ?? env[name.toLowerCase()] ?? ''
  if (proxy === '' || isExcepted(target, env['NO_PROXY'] ?? env['no_proxy'] ?? '')) return undefined
  const url = proxy.includes('://') ? proxy : `http://${proxy}`
  if (!isProxy(url)) throw new Error(`the environment's ${name}: ${EXPECTED}`)
  return new URL(url)
}

const EXPECTED = 'expected a proxy that begins with http://, https:// or socks5://'

function isProxy(text: string): boolean {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  const isKnown = isSocks(url) || url.protocol === 'http:' || url.protocol === 'https:'
  return isKnown && url.hostname !== ''
}

/** What is wrong with `proxy_url`. */
export const proxyFault = (value: string): string | false =>
  value !== '' && !isProxy(value) && `${EXPECTED}, got "${value}"`

function isExcepted(target: URL, exceptions: string): boolean {
  const host = bare(target.hostname)
  const port = target.port || (target.protocol === 'https:' ? '443' : '80')
  if (host === 'localhost' || isLoopback(host)) return true
  return exceptions
    .split(',')
    .map((one) => one.trim().toLowerCase())
    .some((one) => one === '*' || (one !== '' && matches(one, host, port)))
}

const bare = (hostname: string): string => hostname.replace(/^\[|\]$/g, '').toLowerCase()

const isLoopback = (host: string): boolean =>
  net.isIPv6(host) ? host === '::1' : net.isIPv4(host) && host.startsWith('127.')

function matches(exception: string, host: string, port: string): boolean {
  const [, name = '', onlyPort] = /^(.*?)(?::(\d+))?$/.exec(exception) ?? []
  if (exception.includes('/')) return isInNetwork(exception, host)
  if (net.isIPv6(exception)) return exception === host
  if (onlyPort !== undefined && onlyPort !== port) return false
  if (net.isIP(host) !== 0) return bare(name) === host
  const domain = name.replace(/^\*?\./, '')
  const alsoItself = !/^\*?\./.test(name)
  return (alsoItself && host === domain) || host.endsWith(`.${domain}`)
}

function isInNetwork(cidr: string, host: string): boolean {
  const [address = '', bits] = cidr.split('/')
  const family = net.isIPv6(address) ? 'ipv6' : 'ipv4'
  if (net.isIP(host) === 0 || net.isIP(address) !== net.isIP(host)) return false
  const list = new net.BlockList()
  try {
    list.addSubnet(address, Number(bits), family)
  } catch {
    return false // no network, so nothing is in it
  }
  return list.check(host, family)
}

/** The header that proves to the proxy who we are, from the user and password in its URL. */
export function proxyHeaders(proxy: URL): Record<string, string> {
  if (proxy.username === '') return {}
  const secret = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(secret).toString('base64')}` }
}

/** What a proxy gets for its answer, which may have to wait for a connection of its own. */
const CONNECT_TIMEOUT_MS = 20_000

/** A connection to `host:port` through the proxy's CONNECT. Rejects with what the proxy says, or that it says nothing. */
export function tunnel(proxy: URL, hostPort: string): Promise<net.Socket> {
  const options = {
    method: 'CONNECT',
    host: bare(proxy.hostname),
    port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
    path: hostPort,
    headers: { host: hostPort, ...proxyHeaders(proxy) },
    agent: false,
    timeout: CONNECT_TIMEOUT_MS,
  }
  return new Promise((resolve, reject) => {
    const request = (proxy.protocol === 'https:' ? builtins.https : builtins.http).request(options)
    request.on('timeout', () => {
      request.destroy(new Error(`no answer to CONNECT within ${CONNECT_TIMEOUT_MS / 1000}s`))
    })
    request.on('connect', (response, made, head) => {
      const socket = made as net.Socket
      socket.setTimeout(0)
      if (response.statusCode === 200) {
        socket.unshift(head) // what the server said first, as it may over HTTP/2
        resolve(socket)
      } else {
        socket.destroy()
        reject(new Error(`proxy ${proxy.host}: CONNECT ${hostPort}: ${response.statusCode}`))
      }
    })
    request.on('error', (cause) => {
      reject(new Error(`proxy ${proxy.host}: ${cause.message}`, { cause }))
    })
    request.end()
  })
}
