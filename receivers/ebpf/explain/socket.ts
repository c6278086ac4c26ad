import { chmodSync, chownSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { dirname } from 'node:path'
import { AgentError } from '../../../native/agent_error.ts'
import { messageOf } from '../../../pipeline/message_of.ts'

/** Where a running agent answers, and who may ask it. */
export interface SocketOptions {
  readonly path: string
  /** Its members may ask, too; '' for root alone. */
  readonly group: string
}

/** Answers one request; the path is without its query. */
export type Answer = (query: URLSearchParams, response: ServerResponse) => Promise<void> | void

/** HTTP on a unix socket: what `weir explain` and its like ask. */
export class StatusSocket {
  readonly #options: SocketOptions
  readonly #server: Server

  constructor(options: SocketOptions, answers: Readonly<Record<string, Answer>>) {
    this.#options = options
    this.#server = createServer((request, response) => {
      void answer(answers, request, response)
    })
  }

  /** Takes the place of a socket that another agent has left behind: the host's lock says that none runs. */
  async start(): Promise<void> {
    const { path, group } = this.#options
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o755 })
      rmSync(path, { force: true })
      const before = process.umask(0o177) // nobody may ask before it is known who may
      try {
        await new Promise<void>((resolve, reject) => {
          this.#server.once('error', reject).listen(path, resolve)
        })
      } finally {
        process.umask(before)
      }
      if (group === '') return
      chownSync(path, process.getuid?.() ?? 0, groupId(group))
      chmodSync(path, 0o660)
    } catch (cause) {
      const reason = messageOf(cause)
      throw new AgentError(`socket ${path}: ${reason}`, { code: 'SOCKET_FAILED', cause })
    }
  }

  /** Those who still listen are let go. Safe twice, and before `start`. */
  stop(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }
}

async function answer(
  answers: Readonly<Record<string, Answer>>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://weir')
  const found = Object.hasOwn(answers, url.pathname) ? answers[url.pathname] : undefined
  try {
    if (found === undefined) response.writeHead(404).end()
    else await found(url.searchParams, response)
  } catch (error) {
    if (!response.headersSent) response.writeHead(500)
    response.end(messageOf(error))
  }
}

/** Source: https://man7.org/linux/man-pages/man5/group.5.html */
function groupId(name: string): number {
  const line = readFileSync('/etc/group', 'utf8')
    .split('\n')
    .find((one) => one.startsWith(`${name}:`))
  const id = Number(line?.split(':')[2])
  if (line === undefined || Number.isNaN(id)) throw new Error(`there is no group ${name}`)
  return id
}
