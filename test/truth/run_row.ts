import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Comparison, compare, pathOf } from './compare.ts'
import {
  clients,
  goClient,
  makeCertificate,
  makeRequests,
  type Server,
  servers,
} from './programs.ts'
import type { Row } from './rows.ts'
import type { ReceivedSpan, Sink } from './sink.ts'

export interface RowResult {
  readonly server: Comparison
  readonly client: Comparison
}

const QUIET_MS = 3000

let played = 0

/** What Go encrypts is not OpenSSL's: a Go client over TLS has no span of its own. */
const spansOf = (row: Row) => (row.tls && row.client === 'go' ? 1 : 2)

/** A client that opens a connection for a request, and curl, time the connecting too. */
const clientIsTimed = (row: Row) => row.connections === 1 && row.keepAlive && row.client !== 'curl'

/**
 * Plays one row with `count` requests and compares what `sink` got with what the programs know. `hold` is called when
 * an adopting row's connections stand and its requests are still to come. Programs are started and ended here.
 */
export async function runRow(
  row: Row,
  count: number,
  sink: Sink,
  timed: boolean,
  hold?: () => Promise<void>,
): Promise<RowResult> {
  const folder = await mkdtemp(join(tmpdir(), 'weir-row-'))
  const prefix = `/r/${process.pid}x${played++}-`
  const isMine = (path: string) => path.startsWith(prefix)
  let server: Server | undefined
  try {
    const certificate = row.tls ? await makeCertificate(folder) : undefined
    server = await servers[row.server](folder, certificate)
    const runClient = row.client === 'go' ? await goClient(folder) : clients[row.client]
    const requests = makeRequests(prefix, count)
    const { connections, keepAlive } = row
    const spec = { base: server.base, requests, connections, keepAlive, hold: hold !== undefined }
    const asked = (await runClient(spec, hold)).filter(({ path }) => isMine(path))
    const mine = () => sink.spans.filter((span: ReceivedSpan) => isMine(pathOf(span)))
    await sink.settled(() => mine().length >= spansOf(row) * count, QUIET_MS)
    const served = (await server.truth()).filter(({ path }) => isMine(path))
    const durations = timed && row.connections === 1
    return {
      server: compare(served, mine(), { kind: 'server', durations }),
      client: compare(asked, mine(), { kind: 'client', durations: timed && clientIsTimed(row) }),
    }
  } finally {
    await server?.stop()
    await rm(folder, { recursive: true, force: true })
  }
}
