import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCertificates } from '../support/certificates.ts'
import { freePort } from '../support/ports.ts'
import { start } from './started.ts'

/** A request as the server logged it. */
export interface Logged {
  readonly method: string
  readonly uri: string
  readonly status: number
  readonly protocol: string
}

export interface NginxServer {
  /** HTTP/2 by prior knowledge. */
  readonly plainPort: string
  /** HTTP/2 and HTTP/1 over TLS. */
  readonly tlsPort: string
  /** HTTP/1 behind a header of the PROXY protocol, in the clear and over TLS. */
  readonly proxiedPorts: readonly [plain: string, tls: string]
  readonly ca: string
  logged(): Logged[]
  stop(): Promise<void>
}

const LINE = /^(\S+) (\S+) (\d+) (\S+)$/gm

/** nginx with HTTP/2, that logs what it answered: a page, 404, 500, and what takes `limit_rate` a moment. */
export async function startNginx(): Promise<NginxServer> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-nginx-'))
  const { serverCert, serverKey, ca } = makeCertificates()
  const plainPort = String(await freePort())
  const tlsPort = String(await freePort())
  const proxiedPorts = [String(await freePort()), String(await freePort())] as const
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join(' ')
  writeFileSync(join(folder, 'page'), 'hello '.repeat(40))
  writeFileSync(join(folder, 'large'), Buffer.alloc(60_000, 'x'))
  writeFileSync(join(folder, 'huge'), Buffer.alloc(2 << 20, 'x'))
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; pid ${folder}/pid; error_log stderr notice; worker_processes 1; user root;
events { worker_connections 256; }
http {
  ${temporary}
  log_format line '$request_method $request_uri $status $server_protocol';
  access_log ${folder}/log line;
  default_type text/plain;
  keepalive_requests 100000; keepalive_timeout 1h;
  ssl_certificate ${serverCert}; ssl_certificate_key ${serverKey};
  server {
    listen 127.0.0.1:${proxiedPorts[0]} proxy_protocol;
    listen 127.0.0.1:${proxiedPorts[1]} ssl proxy_protocol;
    root ${folder};
  }
  server {
    listen 127.0.0.1:${plainPort} http2;
    listen 127.0.0.1:${tlsPort} ssl http2;
    root ${folder};
    location /fail { return 500; }
    location /page { try_files /page =404; }
    location /large { try_files /large =404; }
    location /huge { try_files /huge =404; }
  }
}
`,
  )
  const server = await start(
    'nginx',
    ['-c', join(folder, 'nginx.conf'), '-e', 'stderr'],
    'start worker process ',
  )
  return {
    plainPort,
    tlsPort,
    proxiedPorts,
    ca,
    logged: () =>
      [...readFileSync(join(folder, 'log'), 'utf8').matchAll(LINE)].map(
        ([, method = '', uri = '', status, protocol = '']) => ({
          method,
          uri,
          status: Number(status),
          protocol,
        }),
      ),
    stop: async () => {
      await server.stop()
      rmSync(folder, { recursive: true })
    },
  }
}
