import type { Request } from './programs.ts'

/** What a client is to do. */
export interface ClientSpec {
  readonly base: string
  readonly requests: readonly Request[]
  readonly connections: number
  readonly keepAlive: boolean
  /** Of each connection, at once: it then speaks HTTP/2. */
  readonly streams?: number | undefined
  /** Opens its connections, with one request each, before `release` is awaited. */
  readonly hold?: boolean
}
