import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Sources, not compiled output: the programs are read where they were written. */
export const PROGRAMS = fileURLToPath(new URL('../../../test/truth/programs/', import.meta.url))

/** One request as a program itself knew it. Times are milliseconds since 1970. */
export interface Truth {
  readonly path: string
  readonly method: string
  readonly status: number
  readonly start: number
  readonly end: number
  /** Of the response body. */
  readonly bytes: number
}

export interface Request {
  readonly path: string
  readonly method: string
  readonly body?: string
}

export interface Server {
  readonly base: string
  readonly port: number
  truth(): Promise<Truth[]>
  stop(): Promise<void>
}

export interface Certificate {
  readonly cert: string
  readonly key: string
}

export type StartServer = (folder: string, certificate?: Certificate) => Promise<Server>

export interface ClientSpec {
  readonly base: string
  readonly requests: readonly Request[]
  readonly connections: number
  readonly keepAlive: boolean
  /** Opens its connections, with one request each, before `release` is awaited. */
  readonly hold?: boolean
}

/** Resolves with what the client saw. With `hold`, `release` is called once its connections stand. */
export type RunClient = (spec: ClientSpec, release?: () => Promise<void>) => Promise<Truth[]>

/** A port that nobody listens on right now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

export async function makeCertificate(folder: string): Promise<Certificate> {
  const cert = join(folder, 'cert.pem')
  const key = join(folder, 'key.pem')
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1']
  await run('openssl', [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-keyout',
    key,
    '-out',
    cert,
    ...subject,
  ])
  return { cert, key }
}

const parseLines = (text: string): Truth[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Truth)

async function startProgram(
  command: readonly string[],
  folder: string,
  certificate: Certificate | undefined,
): Promise<Server> {
  const port = await freePort()
  const log = join(folder, `server-${port}.log`)
  await writeFile(log, '')
  const [file = '', ...before] = command
  const extra = certificate ? [certificate.cert, certificate.key] : []
  const child = spawn(file, [...before, String(port), log, ...extra], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  await Promise.race([
    once(child.stdout, 'data'),
    exited.then(() => Promise.reject(new Error(`${command.join(' ')} ended before it was ready`))),
  ])
  return {
    base: `${certificate ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    truth: async () => parseLines(await readFile(log, 'utf8')),
    stop: async () => {
      child.kill('SIGKILL')
      await exited
    },
  }
}

const program =
  (...command: string[]): StartServer =>
  (folder, certificate) =>
    startProgram(command, folder, certificate)

/** Builds a Go program once per folder. */
async function goBuild(folder: string, name: string): Promise<string> {
  const binary = join(folder, name)
  await run('go', ['build', '-o', binary, join(PROGRAMS, `${name}.go`)])
  return binary
}

/** Waits until something accepts on `port`: for servers that do not say that they are ready. */
async function listening(port: number, child: { readonly exitCode: number | null }): Promise<void> {
  const { connect } = await import('node:net')
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the server for port ${port} ended at start`)
    const socket = connect(port, '127.0.0.1')
    const up = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true))
      socket.once('error', () => resolve(false))
    })
    socket.destroy()
    if (up) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function documentRoot(folder: string): Promise<string> {
  const root = join(folder, 'root')
  await chmod(folder, 0o755) // servers read it as another user
  await mkdir(root, { recursive: true })
  await writeFile(join(root, 'small'), 's'.repeat(200))
  await writeFile(join(root, 'large'), 'l'.repeat(102400))
  return root
}

const startNginx: StartServer = async (folder, certificate) => {
  const port = await freePort()
  const root = await documentRoot(folder)
  const log = join(folder, `nginx-${port}.log`)
  const tls = certificate
    ? `ssl_certificate ${certificate.cert}; ssl_certificate_key ${certificate.key};`
    : ''
  const line =
    '{"path":"$request_uri","method":"$request_method","status":$status,"ended":$msec,"took":$request_time,"bytes":$body_bytes_sent}'
  const config = join(folder, `nginx-${port}.conf`)
  await writeFile(
    config,
    `daemon off; worker_processes 2; pid ${folder}/nginx-${port}.pid; error_log ${folder}/nginx-${port}.err;
events { worker_connections 1024; }
http {
  log_format truth escape=json '${line}';
  access_log ${log} truth; sendfile on; keepalive_requests 1000000;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  server { listen 127.0.0.1:${port}${certificate ? ' ssl' : ''}; ${tls} root ${root}; rewrite ^/r/[^/]+/(.*)$ /$1 break; }
}`,
  )
  const child = spawn('nginx', ['-c', config], { stdio: ['ignore', 'ignore', 'inherit'] })
  await listening(port, child)
  return {
    base: `${certificate ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    truth: async () =>
      (await readFile(log, 'utf8'))
        .split('\n')
        .filter((text) => text.includes('/r/'))
        .map((text) => {
          const { ended, took, ...rest } = JSON.parse(text) as Omit<Truth, 'start' | 'end'> & {
            ended: number
            took: number
          }
          return { ...rest, start: (ended - took) * 1000, end: ended * 1000 }
        }),
    stop: async () => {
      child.kill('SIGQUIT')
      await once(child, 'exit')
    },
  }
}

const startApache =
  (worker: 'prefork' | 'event'): StartServer =>
  async (folder) => {
    const port = await freePort()
    const root = await documentRoot(folder)
    const log = join(folder, `apache-${port}.log`)
    const modules = '/usr/lib/apache2/modules'
    const config = join(folder, `apache-${port}.conf`)
    await writeFile(
      config,
      `ServerRoot ${folder}
ServerName localhost
PidFile ${folder}/apache-${port}.pid
DefaultRuntimeDir ${folder}
LoadModule mpm_${worker}_module ${modules}/mod_mpm_${worker}.so
LoadModule authz_core_module ${modules}/mod_authz_core.so
LoadModule rewrite_module ${modules}/mod_rewrite.so
Listen 127.0.0.1:${port}
User nobody
Group nogroup
DocumentRoot ${root}
<Directory ${root}>
  Require all granted
</Directory>
ErrorLog ${folder}/apache-${port}.err
KeepAlive On
MaxKeepAliveRequests 0
LogFormat "{\\"path\\":\\"%U\\",\\"method\\":\\"%m\\",\\"status\\":%>s,\\"start\\":%{begin:msec}t.%{begin:usec_frac}t,\\"took\\":%D,\\"bytes\\":%B}" truth
CustomLog ${log} truth
RewriteEngine On
RewriteRule ^/r/[^/]+/(.*)$ ${root}/$1 [END]
`,
    )
    // In a process group of its own: at its end apache2 signals the whole group.
    const child = spawn('apache2', ['-f', config, '-DFOREGROUND'], {
      stdio: ['ignore', 'ignore', 'inherit'],
      detached: true,
    })
    await listening(port, child)
    return {
      base: `http://127.0.0.1:${port}`,
      port,
      truth: async () =>
        (await readFile(log, 'utf8'))
          .split('\n')
          .filter((text) => text.includes('/r/'))
          .map((text) => {
            const { start, took, ...rest } = JSON.parse(text) as Omit<Truth, 'end'> & {
              took: number
            }
            return { ...rest, start, end: start + took / 1000 }
          }),
      stop: async () => {
        child.kill('SIGTERM')
        await once(child, 'exit')
      },
    }
  }

export const servers = {
  nginx: startNginx,
  apache_prefork: startApache('prefork'),
  apache_event: startApache('event'),
  python: program('python3', `${PROGRAMS}server.py`),
  python_asyncio: program('python3', `${PROGRAMS}asyncio_server.py`),
  node: program('node', `${PROGRAMS}server.mjs`),
  go: async (folder: string) => startProgram([await goBuild(folder, 'server')], folder, undefined),
  java: program('java', `${PROGRAMS}Server.java`),
} satisfies Record<string, StartServer>

async function runProgram(
  command: readonly string[],
  spec: ClientSpec,
  release: (() => Promise<void>) | undefined,
): Promise<Truth[]> {
  const [file = '', ...before] = command
  const child = spawn(file, [...before, JSON.stringify(spec)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const seen: Truth[] = []
  let released: Promise<void> | undefined
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line === 'held') released = release?.().finally(() => child.stdin.end('\n'))
    else seen.push(...parseLines(line))
  })
  const [code] = (await once(child, 'close')) as [number | null]
  await released
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}`)
  return seen
}

/** curl takes a config file of many transfers; `-w` says what it saw of each. */
const runCurl: RunClient = async (spec) => {
  const transfers = spec.requests.map(({ path, method, body }) => {
    const lines = [`url = "${spec.base}${path}"`, 'output = "/dev/null"', 'insecure', 'silent']
    lines.push(method === 'HEAD' ? 'head' : `request = "${method}"`)
    if (body) lines.push(`data = "${body}"`, 'header = "Expect:"')
    if (!spec.keepAlive) lines.push('header = "Connection: close"')
    lines.push(
      `write-out = "{\\"path\\":\\"${path}\\",\\"method\\":\\"${method}\\",\\"status\\":%{http_code},\\"took\\":%{time_total},\\"bytes\\":%{size_download}}\\n"`,
    )
    return lines.join('\n')
  })
  const parallel = spec.connections > 1 ? ['-Z', '--parallel-max', String(spec.connections)] : []
  const child = spawn('curl', [...parallel, '--no-progress-meter', '-K', '-'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin.end(transfers.join('\nnext\n'))
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(child, 'close')
  return Buffer.concat(chunks)
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const { took, ...rest } = JSON.parse(line) as Omit<Truth, 'start' | 'end'> & { took: number }
      return { ...rest, start: 0, end: took * 1000 }
    })
}

const clientProgram =
  (...command: string[]): RunClient =>
  (spec, release) =>
    runProgram(command, spec, release)

export const clients = {
  curl: runCurl,
  python: clientProgram('python3', `${PROGRAMS}client.py`),
  node: clientProgram('node', `${PROGRAMS}client.mjs`),
} satisfies Record<string, RunClient>

/** Go has no interpreter: it is built into `folder` first. */
export const goClient = async (folder: string): Promise<RunClient> =>
  clientProgram(await goBuild(folder, 'client'))

/** `count` requests with a path each, over the methods and files that every server here knows. */
export function makeRequests(prefix: string, count: number): Request[] {
  const kinds = [
    { method: 'GET', file: 'small' },
    { method: 'GET', file: 'large' },
    { method: 'HEAD', file: 'small' },
    { method: 'POST', file: 'small', body: 'a body of some bytes' },
    { method: 'GET', file: 'missing' },
  ]
  return Array.from({ length: count }, (_, index) => {
    const { method, file, body } = kinds[index % kinds.length] as (typeof kinds)[number]
    return { path: `${prefix}${index}/${file}`, method, ...(body ? { body } : {}) }
  })
}
