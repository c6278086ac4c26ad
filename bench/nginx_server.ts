import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Target } from './agents.ts'
import { childrenOf } from './measure.ts'
import { listening } from './server.ts'

export const HTTP_PORT = 18080
export const HTTPS_PORT = 18443
/** HTTP/2 in the clear. */
export const HTTP2_PORT = 18081
const STATUS_PORT = 18082

export const NGINX: Target = { exe: '*/nginx', ports: [HTTP_PORT, HTTPS_PORT, HTTP2_PORT] }
const BODY = 'w'.repeat(600)

export interface Nginx {
  readonly pid: number
  readonly workers: readonly number[]
  stop(): Promise<void>
}

/** Requests that nginx has answered so far. Source: https://nginx.org/en/docs/http/ngx_http_stub_status_module.html */
export async function servedSoFar(): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${STATUS_PORT}/`)
  return Number(/^ \d+ \d+ (\d+)/m.exec(await response.text())?.[1])
}

/** Settings that keep what nginx stores for a while in a folder. */
export const tempPaths = (folder: string): string =>
  ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join(' ')

/** One worker, HTTP and HTTPS: `/` is answered from memory in one write, `/file` by sendfile. 600 bytes each. */
export async function startNginx(folder: string): Promise<Nginx> {
  const root = join(folder, 'root')
  mkdirSync(root, { recursive: true })
  writeFileSync(join(root, 'file'), BODY)
  const key = join(folder, 'key.pem')
  const cert = join(folder, 'cert.pem')
  const subject = ['-subj', '/CN=localhost', '-days', '2', '-nodes']
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-keyout', key, '-out', cert, ...subject],
    {
      stdio: 'ignore',
    },
  )
  const config = join(folder, 'nginx.conf')
  writeFileSync(
    config,
    `daemon off; user root; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/nginx.err;
events { worker_connections 1024; }
http {
  access_log off; sendfile on; keepalive_requests 100000000; ${tempPaths(folder)}
  root ${root};
  server { listen 127.0.0.1:${HTTP_PORT}; location = / { return 200 ${BODY}; } }
  server { listen 127.0.0.1:${STATUS_PORT}; location = / { stub_status; } }
  server { listen 127.0.0.1:${HTTP2_PORT} http2; location = / { return 200 ${BODY}; } }
  server { listen 127.0.0.1:${HTTPS_PORT} ssl; ssl_certificate ${cert}; ssl_certificate_key ${key}; location = / { return 200 ${BODY}; } }
}
`,
  )
  const child = spawn('nginx', ['-c', config], { stdio: 'ignore' })
  await listening(HTTP_PORT, child)
  return {
    pid: child.pid ?? 0,
    workers: childrenOf(child.pid ?? 0),
    stop: async () => {
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
    },
  }
}
