import { bool, duration, headers, int, object, text } from '../../config/fields.ts'
import { authFields } from './auth.ts'
import { compressionField, compressionParams } from './compression.ts'
import { proxyFault } from './proxy.ts'
import { refusedMiddlewares } from './refused.ts'
import { tlsClientFields } from './tls_fields.ts'
import { unusedSwitch, unusedTime } from './unused.ts'

const HTTP_1 = 'weir speaks HTTP/1.1 to backends'

const bufferSize = (what: string) =>
  int()
    .min(0)
    .max(64 << 20)
    .default(0)
    .describe(`Bytes of a connection that are ${what} before it has to wait; 0 is Node's choice.`)

/** What every HTTP client takes, with the Collector's names; endpoints and `timeout` are the component's own. */
export const httpClientFields = {
  proxy_url: text()
    .default('')
    .check(proxyFault)
    .describe('http://, https:// or socks5://; wins over HTTP_PROXY, HTTPS_PROXY and NO_PROXY.'),
  tls: tlsClientFields,
  read_buffer_size: bufferSize('read ahead'),
  write_buffer_size: bufferSize('gathered'),
  headers: headers().describe('Sent with each request; they win over our own.'),
  auth: authFields,
  compression: compressionField().default('gzip'),
  compression_params: compressionParams,
  max_idle_conns: int().min(0).default(100).describe('Idle connections kept; 0 is no limit.'),
  max_idle_conns_per_host: int()
    .min(0)
    .default(0)
    .describe('The same for one host; 0 is as many as max_idle_conns.'),
  max_conns_per_host: int()
    .min(0)
    .default(0)
    .describe('Most connections at a time; 0 is no limit.'),
  idle_conn_timeout: duration()
    .min(0)
    .default(90_000)
    .describe('For which an idle connection is kept; 0 is no limit.'),
  disable_keep_alives: bool().default(false).describe('A new connection for each request.'),
  max_redirects: int()
    .min(0)
    .default(10)
    .describe('How often a 307 or 308 is followed; any other redirect is an error.'),
  force_attempt_http2: unusedSwitch(HTTP_1),
  http2_read_idle_timeout: unusedTime(HTTP_1),
  http2_ping_timeout: unusedTime(HTTP_1),
  cookies: object({
    enabled: bool()
      .default(false)
      .describe('Whether cookies that the backend sets are kept, and sent back to it.'),
  }).describe('For load balancers that know a client by a cookie.'),
  middlewares: refusedMiddlewares,
}
