/** What a cookie is kept under: another one of the same name and path takes its place. */
interface Cookie {
  readonly name: string
  readonly value: string
  readonly path: string
  readonly secure: boolean
  /** Milliseconds since 1970; Infinity is as long as the process. */
  readonly until: number
}

/** A backend that sets more gets the newest back. */
const MAX_COOKIES = 50
const MAX_BYTES = 4096

/** The cookies of one host, in memory, as load balancers set them to send a client to the same backend. Source: RFC 6265 */
export class CookieJar {
  readonly #host: string
  #cookies: readonly Cookie[] = []

  constructor(host: string) {
    this.#host = host.toLowerCase()
  }

  /** Keeps what the headers `set-cookie` of an answer say; what is malformed, or for another host, is left out. */
  keep(headers: readonly string[], path: string, now: number): void {
    for (const header of headers) {
      const cookie = this.#parse(header, path, now)
      if (cookie === undefined) continue
      const others = this.#cookies.filter(
        (one) => one.name !== cookie.name || one.path !== cookie.path,
      )
      const kept = cookie.until > now ? [...others, cookie] : others
      this.#cookies = kept.slice(-MAX_COOKIES)
    }
  }

  /** The header `cookie` of a request; undefined if there is none to send. */
  header(path: string, isSecure: boolean, now: number): string | undefined {
    this.#cookies = this.#cookies.filter(({ until }) => until > now)
    const sent = this.#cookies
      .filter((one) => (isSecure || !one.secure) && isBelow(path, one.path))
      .toSorted((a, b) => b.path.length - a.path.length)
    if (sent.length === 0) return undefined
    return sent.map(({ name, value }) => `${name}=${value}`).join('; ')
  }

  #parse(header: string, path: string, now: number): Cookie | undefined {
    const [pair = '', ...rest] = header.split(';')
    const [, name = '', value = ''] = /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/.exec(pair) ?? []
    if (name === '' || name.length + value.length > MAX_BYTES) return undefined
    const attributes = new Map(rest.map(attributeOf))
    const domain = (attributes.get('domain') ?? '').replace(/^\./, '').toLowerCase()
    if (domain !== '' && domain !== this.#host && !this.#host.endsWith(`.${domain}`)) return
    const wanted = attributes.get('path') ?? ''
    return {
      name,
      value,
      path: wanted.startsWith('/') ? wanted : directoryOf(path),
      secure: attributes.has('secure'),
      until: untilOf(attributes, now),
    }
  }
}

function attributeOf(text: string): readonly [name: string, value: string] {
  const [name = '', ...value] = text.split('=')
  return [name.trim().toLowerCase(), value.join('=').trim()]
}

/** `Max-Age` wins over `Expires`. */
function untilOf(attributes: ReadonlyMap<string, string>, now: number): number {
  const seconds = attributes.get('max-age')
  if (seconds !== undefined && /^-?\d+$/.test(seconds)) return now + Number(seconds) * 1000
  const date = Date.parse(attributes.get('expires') ?? '')
  return Number.isNaN(date) ? Number.POSITIVE_INFINITY : date
}

/** `/v1` of `/v1/traces`: where a cookie without a path counts. */
const directoryOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/'

const isBelow = (path: string, cookiePath: string): boolean =>
  path === cookiePath || path.startsWith(cookiePath.endsWith('/') ? cookiePath : `${cookiePath}/`)
