import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '../support/ports.ts'
import {
  baseOf,
  type Certificate,
  documentRoot,
  listening,
  type Server,
  type StartServer,
  type Truth,
} from './programs.ts'

/** The access log has what nginx was asked and, of a proxy, what it asked itself: an empty status where it did not. */
const LOG_FORMAT = `{"path":"$request_uri","method":"$request_method","status":$status,"ended":$msec,"took":$request_time,
"bytes":$body_bytes_sent,"upstream":{"status":"$upstream_status","took":"$upstream_response_time","bytes":"$upstream_response_length"}}`

interface LogLine {
  readonly path: string
  readonly method: string
  readonly status: number
  /** Seconds, in milliseconds' resolution. */
  readonly ended: number
  readonly took: number
  readonly bytes: number
  readonly upstream: { readonly status: string; readonly took: string; readonly bytes: string }
}

function configuration(
  folder: string,
  port: number,
  certificate: Certificate | undefined,
  locations: string,
  behind: string,
): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  const tls = certificate
    ? `ssl_certificate ${certificate.cert}; ssl_certificate_key ${certificate.key};`
    : ''
  return `daemon off; worker_processes 2; pid ${folder}/nginx-${port}.pid; error_log ${folder}/nginx-${port}.err;
events { worker_connections 1024; }
http {
  log_format truth escape=json '${LOG_FORMAT.replaceAll('\n', '')}';
  access_log ${folder}/nginx-${port}.log truth; sendfile on; keepalive_requests 1000000; keepalive_timeout 1h;
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name}-${port};`).join(' ')}
  ${behind}
  server { listen 127.0.0.1:${port}${certificate ? ' ssl' : ''}; ${tls} add_header X-Path $request_uri always; ${locations} }
}`
}

const serverTruth = ({ path, method, status, ended, took, bytes }: LogLine): Truth => ({
  path,
  method,
  status,
  bytes,
  start: (ended - took) * 1000,
  end: ended * 1000,
})

const upstreamTruth = ({ path, method, ended, upstream }: LogLine): Truth => ({
  path,
  method,
  status: Number(upstream.status),
  bytes: Number(upstream.bytes),
  start: (ended - Number(upstream.took)) * 1000,
  end: ended * 1000,
})

interface Nginx extends Server {
  lines(): Promise<LogLine[]>
}

async function start(
  folder: string,
  certificate: Certificate | undefined,
  locations: string,
  behind = '',
  launcher: readonly string[] = [],
): Promise<Nginx> {
  const port = await freePort()
  const config = join(folder, `nginx-${port}.conf`)
  await writeFile(config, configuration(folder, port, certificate, locations, behind))
  const [command = '', ...args] = [...launcher, 'nginx', '-c', config]
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  const exited = once(child, 'exit')
  await listening(port, child)
  const lines = async () =>
    (await readFile(join(folder, `nginx-${port}.log`), 'utf8'))
      .split('\n')
      .filter((text) => text.includes('/r/'))
      .map((text) => JSON.parse(text) as LogLine)
  return {
    base: baseOf(port, certificate),
    port,
    lines,
    truth: async () => (await lines()).map(serverTruth),
    stop: async () => {
      child.kill('SIGQUIT')
      await exited
    },
  }
}

/**
 * Serves files: `sendfile` for plain ones; or by other `locations`. `launcher` is a command that becomes what its last arguments
 * say.
 */
export const startNginxBy =
  (launcher: readonly string[], locations?: string): StartServer =>
  async (folder, certificate) => {
    const root = await documentRoot(folder)
    const files = `root ${root}; rewrite ^/r/[^/]+/(.*)$ /$1 break;`
    return start(folder, certificate, locations ?? files, '', launcher)
  }

export const startNginx = startNginxBy([])

/** nginx in front of another server, over connections that it keeps or opens for each request. */
export const startProxy =
  (behind: StartServer, keepAlive: boolean): StartServer =>
  async (folder, certificate) => {
    const server = await behind(folder)
    const address = new URL(server.base).host
    const kept = keepAlive ? 'proxy_http_version 1.1; proxy_set_header Connection "";' : ''
    const proxy = await start(
      folder,
      certificate,
      `location / { proxy_pass http://behind; proxy_set_header Host ${address}; ${kept} }`,
      `upstream behind { server ${address}; ${keepAlive ? 'keepalive 64;' : ''} }`,
    )
    return {
      ...proxy,
      upstream: { server, asked: async () => (await proxy.lines()).map(upstreamTruth) },
      stop: async () => {
        await proxy.stop()
        await server.stop()
      },
    }
  }
