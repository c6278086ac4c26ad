import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { freePort } from '../support/ports.ts'

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

/** What asked a server behind another one, as the one in front knew it. */
export interface Upstream {
  readonly server: Server
  asked(): Promise<Truth[]>
}

export interface Server {
  readonly base: string
  readonly port: number
  truth(): Promise<Truth[]>
  stop(): Promise<void>
  /** Of a proxy: stopped with it. */
  readonly upstream?: Upstream
}

export interface Certificate {
  readonly cert: string
  readonly key: string
}

export type StartServer = (folder: string, certificate?: Certificate) => Promise<Server>

export const baseOf = (port: number, certificate: Certificate | undefined): string =>
  `${certificate ? 'https' : 'http'}://127.0.0.1:${port}`

export async function makeCertificate(folder: string): Promise<Certificate> {
  const cert = join(folder, 'cert.pem')
  const key = join(folder, 'key.pem')
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1']
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2']
  await run('openssl', [...request, '-keyout', key, '-out', cert, ...subject])
  return { cert, key }
}

export const parseLines = (text: string): Truth[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Truth)

/** Starts a program that is called as test/truth/programs/README.md says, and waits for its `ready`. */
export async function startProgram(
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
    base: baseOf(port, certificate),
    port,
    truth: async () => parseLines(await readFile(log, 'utf8')),
    stop: async () => {
      child.kill('SIGKILL')
      await exited
    },
  }
}

/** Builds a Go program of PROGRAMS, once per folder. */
export async function goBuild(folder: string, name: string): Promise<string> {
  const binary = join(folder, name)
  await run('go', ['build', '-o', binary, join(PROGRAMS, `${name}.go`)])
  return binary
}

/** Waits until something accepts on `port`: for servers that do not say that they are ready. */
export async function listening(
  port: number,
  child: { readonly exitCode: number | null },
): Promise<void> {
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

/** The files that requests ask for, readable to the users that servers become. */
export async function documentRoot(folder: string): Promise<string> {
  const root = join(folder, 'root')
  await chmod(folder, 0o755)
  await mkdir(root, { recursive: true })
  await writeFile(join(root, 'small'), 's'.repeat(200))
  await writeFile(join(root, 'large'), 'l'.repeat(102400))
  return root
}

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
