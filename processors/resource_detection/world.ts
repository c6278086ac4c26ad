import { readFileSync } from 'node:fs'
import type http from 'node:http'
import { hostname } from 'node:os'
import { builtins } from '../../pipeline/net/builtins.ts'

/** What detectors look at; tests have another. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly hostname: () => string
  /** '' if it cannot be read. */
  readonly read: (file: string) => string
  /** The link-local address of metadata services, with scheme. */
  readonly metadata: string
  /** How long a metadata service may take for its first answer, milliseconds: it is on the same machine, or not there. */
  readonly probeMs: number
}

export const realWorld: World = {
  env: process.env,
  hostname,
  read(file) {
    try {
      return readFileSync(file, 'utf8')
    } catch {
      return ''
    }
  },
  metadata: 'http://169.254.169.254',
  probeMs: 700,
}

const MAX_BYTES = 1 << 20

export interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly socketPath?: string
  readonly signal: AbortSignal
  readonly timeoutMs?: number
}

export interface Answer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly body: string
}

/** Rejects if there is no answer, or none in time. */
export function ask(url: string, { timeoutMs, signal, ...asked }: Asked): Promise<Answer> {
  const both =
    timeoutMs === undefined ? signal : AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const request = builtins.http.request(url, { ...asked, signal: both, agent: false })
  request.on('error', (cause) => reject(new Error(`${url}: ${cause.message}`, { cause })))
  request.on('response', (response) => {
    let body = ''
    response.on('data', (part: Buffer) => {
      if (body.length < MAX_BYTES) body += part.toString()
    })
    response.on('error', reject)
    response.on('end', () =>
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
    )
  })
  request.end()
  return promise
}

/** The body of an answer that is 200; rejects with what was said instead. */
export async function askFor(url: string, asked: Asked): Promise<string> {
  const { status, body } = await ask(url, asked)
  if (status === 200) return body
  throw new Error(`${url}: ${status} ${body.slice(0, 200)}`)
}
