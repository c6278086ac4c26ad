import type { Infer, object } from '../../config/fields.ts'
import { type Context, type Logger, RefusedError } from '../component.ts'
import { timerMs } from '../timer.ts'
import { clientAuthenticator } from './auth.ts'
import type { HttpClientOptions } from './http_client.ts'
import type { httpClientFields } from './http_client_fields.ts'
import { warnUnused } from './unused.ts'

/** Of a client of any compression. */
export type HttpClientConfig = Omit<
  Infer<ReturnType<typeof object<typeof httpClientFields>>>,
  'compression' | 'compression_params'
>

/** Of limits where 0 is none. */
const lowest = (...limits: number[]): number =>
  Math.min(...limits.map((one) => (one === 0 ? Infinity : one)))

/** What the options of a component say to its client. */
export const httpClientOptions = (
  ctx: Context,
  config: HttpClientConfig,
  url: URL,
): HttpClientOptions => ({
  url,
  tls: config.tls,
  headers: config.headers,
  proxyUrl: config.proxy_url,
  agent: {
    keepAlive: !config.disable_keep_alives,
    maxSockets: lowest(config.max_conns_per_host),
    maxFreeSockets: lowest(config.max_idle_conns, config.max_idle_conns_per_host),
    ...(config.idle_conn_timeout > 0 && { timeout: timerMs(config.idle_conn_timeout) }),
    ...(config.read_buffer_size > 0 && { readableHighWaterMark: config.read_buffer_size }),
    ...(config.write_buffer_size > 0 && { writableHighWaterMark: config.write_buffer_size }),
  },
  maxRedirects: config.max_redirects,
  cookies: config.cookies.enabled,
  authenticator: () => clientAuthenticator(ctx, config.auth),
  log: ctx.log,
  duration: ctx.duration,
})

/** Says which options change nothing. */
export function warnOfClient(log: Logger, config: HttpClientConfig, url: URL): void {
  const { force_attempt_http2, http2_read_idle_timeout, http2_ping_timeout } = config
  warnUnused(log, { force_attempt_http2, http2_read_idle_timeout, http2_ping_timeout })
  if (config.tls.insecure && url.protocol === 'https:') {
    log.warn('tls::insecure has no effect on an https:// endpoint.', { endpoint: printable(url) })
  }
}

/** Without credentials and query, for messages. */
export const printable = (url: URL) => `${url.origin}${url.pathname}`

/** What a POST without an answer failed of: another attempt may do better. */
export function unreachable(url: URL, cause: Error): never {
  const { code } = cause as NodeJS.ErrnoException
  const message = `POST ${printable(url)}: ${code ?? cause.name}: ${cause.message}`
  throw new RefusedError(message, { cause })
}
