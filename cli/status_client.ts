import { type IncomingMessage, request } from 'node:http'
import { type Arguments, textOf } from './verb.ts'

/** Where an agent answers unless its configuration says otherwise. */
export const SOCKET = '/run/weir/weir.sock'

/** There is no socket, it is that of an agent that was killed, or of one that was killed while it was asked. */
const NOBODY_ANSWERS: ReadonlySet<string> = new Set([
  'ENOENT',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
])

/** The agent is there and does not answer this user. */
class SocketError extends Error {
  readonly code = 'AGENT_NOT_ASKED'
  readonly hint: string
  constructor(path: string, cause: NodeJS.ErrnoException) {
    super(`ask the agent at ${path}: ${cause.message}`, { cause })
    this.name = 'SocketError'
    this.hint =
      cause.code === 'EACCES'
        ? 'run it as root, or as a member of the group in receivers::ebpf::socket::group'
        : 'see the log of weir'
  }
}

export const socketOf = (args: Arguments): string => textOf(args, 'socket') ?? SOCKET

/** What the agent answers; undefined when none runs. Rejects with `SocketError`. */
export function askAgent(socketPath: string, path: string): Promise<IncomingMessage | undefined> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path }, (response) => {
      if (response.statusCode === 200) resolve(response)
      else reject(new SocketError(socketPath, new Error(`status ${response.statusCode}`)))
    })
      .on('error', (error: NodeJS.ErrnoException) => {
        if (NOBODY_ANSWERS.has(error.code ?? '')) resolve(undefined)
        else reject(new SocketError(socketPath, error))
      })
      .end()
  })
}

export async function bodyOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
