import type { clients } from './clients.ts'
import type { servers } from './servers.ts'

export type ServerName = keyof typeof servers
export type ClientName = keyof typeof clients

/** One truth test: who serves, who asks, how. */
export interface Row {
  readonly server: ServerName
  readonly client: ClientName
  readonly connections: number
  readonly keepAlive: boolean
  /** Of each connection, at once, over HTTP/2. */
  readonly streams?: number
  readonly tls?: boolean
  /** The connections are older than weir. */
  readonly adopted?: boolean
}

const plain = (
  server: ServerName,
  client: ClientName,
  connections: number,
  keepAlive: boolean,
): Row => ({ server, client, connections, keepAlive })

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
const PROXIES: readonly ServerName[] = ['nginx_before_python', 'nginx_before_nginx']
const CLIENTS: readonly ClientName[] = ['curl', 'wrk', 'node', 'go']
const ENCRYPTED_SERVERS: readonly ServerName[] = ['nginx', 'python', 'python_asyncio', 'node']
const ENCRYPTED_CLIENTS: readonly ClientName[] = ['curl', 'python', 'node']

/** One and many connections, of many and of one request each. */
type Shape = readonly [connections: number, keepAlive: boolean]
const EVERY_SHAPE: readonly Shape[] = [
  [1, true],
  [1, false],
  [64, true],
  [64, false],
]

interface Shapes {
  readonly servers: readonly Shape[]
  readonly proxies: readonly Shape[]
  readonly clients: readonly Shape[]
  readonly encrypted: readonly Shape[]
  /** Connections of rows that are older than weir. */
  readonly adopted: readonly number[]
}

function rowsOf(shapes: Shapes): readonly Row[] {
  const all = (names: readonly ServerName[], client: ClientName, of: readonly Shape[]) =>
    names.flatMap((server) => of.map(([count, kept]) => plain(server, client, count, kept)))
  return [
    ...all(SERVERS, 'python', shapes.servers),
    ...all(PROXIES, 'python', shapes.proxies),
    ...CLIENTS.flatMap((client) => all(['nginx'], client, shapes.clients)),
    ...ENCRYPTED_CLIENTS.flatMap((client) =>
      all(ENCRYPTED_SERVERS, client, shapes.encrypted).map((row) => ({ ...row, tls: true })),
    ),
    ...SERVERS.flatMap((server) =>
      shapes.adopted.map((count) => ({ ...plain(server, 'python', count, true), adopted: true })),
    ),
  ]
}

/** What `npm test` plays on this machine's kernel. */
export const SMALL_ROWS: readonly Row[] = rowsOf({
  servers: [
    [1, true],
    [1, false],
    [64, true],
  ],
  proxies: [
    [1, true],
    [16, false],
  ],
  clients: [
    [1, true],
    [64, true],
    [4, false],
  ],
  encrypted: [
    [1, true],
    [16, true],
  ],
  adopted: [4],
})

/** What `npm run test:all` plays there: every server and client in every shape. */
export const FULL_ROWS: readonly Row[] = rowsOf({
  servers: EVERY_SHAPE,
  proxies: EVERY_SHAPE,
  clients: EVERY_SHAPE,
  encrypted: EVERY_SHAPE,
  adopted: [1, 64],
})

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

/** All of `rows`, or the one that WEIR_ROW names: the full form plays each in a process, and under agents, of its own. */
export function askedFor(rows: readonly Row[]): readonly Row[] {
  const name = process.env['WEIR_ROW'] || undefined
  return rows.filter((row) => name === undefined || nameOf(row) === name)
}
