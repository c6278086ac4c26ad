import type { clients, servers } from './programs.ts'

export type ServerName = keyof typeof servers
export type ClientName = keyof typeof clients | 'go'

/** One truth test: who serves, who asks, how. */
export interface Row {
  readonly server: ServerName
  readonly client: ClientName
  readonly connections: number
  readonly keepAlive: boolean
  readonly tls?: boolean
  /** The connections are older than weir. */
  readonly adopted?: boolean
}

const plain = (
  server: ServerName,
  client: ClientName,
  connections: number,
  keepAlive: boolean,
): Row => ({
  server,
  client,
  connections,
  keepAlive,
})

const SERVERS: readonly ServerName[] = [
  'nginx',
  'apache_prefork',
  'apache_event',
  'python',
  'python_asyncio',
  'node',
  'go',
  'java',
]

const CLIENTS: readonly ClientName[] = ['curl', 'python', 'node', 'go']

const everyServer = SERVERS.flatMap((server) => [
  plain(server, 'python', 1, true),
  plain(server, 'python', 1, false),
  plain(server, 'python', 64, true),
])

const everyClient = CLIENTS.flatMap((client) => [
  plain('nginx', client, 1, true),
  plain('nginx', client, 64, true),
  plain('nginx', client, 4, false),
]).filter((row) => row.client !== 'python')

const encrypted = (['nginx', 'python', 'python_asyncio', 'node'] as const).flatMap((server) =>
  (['curl', 'python', 'node'] as const).flatMap((client): Row[] => [
    { server, client, connections: 1, keepAlive: true, tls: true },
    { server, client, connections: 16, keepAlive: true, tls: true },
  ]),
)

const older = SERVERS.map(
  (server): Row => ({ server, client: 'python', connections: 4, keepAlive: true, adopted: true }),
)

export const ROWS: readonly Row[] = [...everyServer, ...everyClient, ...encrypted, ...older]

/** What guests run in every hook family: a kept connection, and connections of one request. */
export const GUEST_ROWS: readonly Row[] = [
  plain('nginx', 'curl', 1, true),
  plain('nginx', 'python', 16, true),
  plain('python', 'python', 1, false),
  plain('node', 'node', 4, true),
  { server: 'nginx', client: 'curl', connections: 1, keepAlive: true, tls: true },
  { server: 'python_asyncio', client: 'python', connections: 4, keepAlive: true, tls: true },
  { server: 'node', client: 'node', connections: 1, keepAlive: true, tls: true },
  { server: 'nginx', client: 'python', connections: 4, keepAlive: true, adopted: true },
]

export function nameOf(row: Row): string {
  const words = [
    `${row.client} to ${row.server}`,
    row.tls ? 'https' : 'http',
    `${row.connections} connection${row.connections === 1 ? '' : 's'}`,
    row.keepAlive ? 'kept' : 'one request each',
    ...(row.adopted ? ['older than weir'] : []),
  ]
  return words.join(', ')
}
