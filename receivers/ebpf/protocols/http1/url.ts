/** Where a request goes, from its target and its Host. Parts that are not known are ''. */
export interface RequestUrl {
  /** `http` or `https` if the target says so, else ''. */
  readonly scheme: string
  /** Host without brackets and credentials. */
  readonly host: string
  /** 0 when not given. */
  readonly port: number
  /** `*` for the asterisk form, '' for the authority form of CONNECT. */
  readonly path: string
  /** Without its question mark. */
  readonly query: string
}

const PORT_MAX = 65_535

/** Source: https://www.rfc-editor.org/rfc/rfc9112#section-3.2 (the four forms of a target) and section 3.3 */
export function requestUrl(method: string, target: string, hostField: string): RequestUrl {
  if (target.startsWith('/') || target === '*') {
    return withPath('', hostField, target)
  }
  if (method === 'CONNECT') return { scheme: '', ...authority(target), path: '', query: '' }
  const colon = target.indexOf('://')
  const scheme = target.slice(0, Math.max(colon, 0)).toLowerCase()
  if (scheme !== 'http' && scheme !== 'https') return withPath('', hostField, target)
  const start = colon + 3
  let end = start
  while (end < target.length && !'/?#'.includes(target.charAt(end))) end++
  const path = target.slice(end)
  return withPath(scheme, target.slice(start, end), path.startsWith('/') ? path : `/${path}`)
}

function withPath(scheme: string, host: string, pathAndQuery: string): RequestUrl {
  const { host: name, port } = authority(host)
  const question = pathAndQuery.indexOf('?')
  return question < 0
    ? { scheme, host: name, port, path: pathAndQuery, query: '' }
    : {
        scheme,
        host: name,
        port,
        path: pathAndQuery.slice(0, question),
        query: pathAndQuery.slice(question + 1),
      }
}

/** `[userinfo@]host[:port]`, an IPv6 host in brackets. The user info is not kept: it holds passwords. */
export function authority(text: string): { readonly host: string; readonly port: number } {
  const hostPort = text.slice(text.lastIndexOf('@') + 1)
  const bracket = hostPort.startsWith('[') ? hostPort.indexOf(']') : -1
  if (bracket > 0) {
    const rest = hostPort.slice(bracket + 1)
    return {
      host: hostPort.slice(1, bracket),
      port: rest.startsWith(':') ? port(rest.slice(1)) : 0,
    }
  }
  const colon = hostPort.lastIndexOf(':')
  if (colon < 0) return { host: hostPort, port: 0 }
  return { host: hostPort.slice(0, colon), port: port(hostPort.slice(colon + 1)) }
}

function port(digits: string): number {
  let value = 0
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(i) - 0x30
    if (digit < 0 || digit > 9) return 0
    value = value * 10 + digit
    if (value > PORT_MAX) return 0
  }
  return value
}
