import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AgentOptions, startAgent } from './agent.ts'
import { type Comparison, compare } from './compare.ts'
import {
  type ClientSpec,
  clients,
  goClient,
  makeCertificate,
  makeRequests,
  type Server,
  servers,
} from './programs.ts'
import type { Row } from './rows.ts'
import { type ReceivedSpan, startSink } from './sink.ts'

export interface RowResult {
  readonly server: Comparison
  readonly client: Comparison
  /** The agent's own last words: seen, exported, lost. */
  readonly log: readonly string[]
  readonly exitCode: number | null
  readonly spans: readonly ReceivedSpan[]
}

const QUIET_MS = 3000

const isTruth = (span: ReceivedSpan) =>
  String(span.attributes.get('url.path') ?? span.attributes.get('url.full') ?? '').includes('/r/')

/** A client that opens a connection for a request, and curl, time the connecting too. */
const canTime = (row: Row) => row.connections === 1

/** Plays one row with `count` requests: programs, agent and backend are started and ended here. */
export async function runRow(
  row: Row,
  count: number,
  options: Omit<AgentOptions, 'endpoint'>,
): Promise<RowResult> {
  const folder = await mkdtemp(join(tmpdir(), 'weir-row-'))
  const sink = await startSink()
  let server: Server | undefined
  try {
    const certificate = row.tls ? await makeCertificate(folder) : undefined
    server = await servers[row.server](folder, certificate)
    const runClient = row.client === 'go' ? await goClient(folder) : clients[row.client]
    const spec: ClientSpec = {
      base: server.base,
      requests: makeRequests(String(process.pid), count),
      connections: row.connections,
      keepAlive: row.keepAlive,
      hold: row.adopted ?? false,
    }
    const start = () => startAgent({ endpoint: sink.endpoint, ...options })
    let agent = row.adopted ? undefined : await start()
    const seen = await runClient(spec, async () => {
      agent = await start()
    })
    if (!agent) throw new Error(`the ${row.client} client did not hold its connections`)
    await sink.settled((spans) => spans.filter(isTruth).length >= 2 * count, QUIET_MS)
    const exitCode = await agent.stop()
    const held = (path: string) => path.startsWith('/r/hold-')
    const served = (await server.truth()).filter(({ path }) => !held(path))
    const asked = seen.filter(({ path }) => !held(path))
    return {
      server: compare(served, sink.spans, { kind: 'server', durations: canTime(row) }),
      client: compare(asked, sink.spans, {
        kind: 'client',
        durations: canTime(row) && row.keepAlive && row.client !== 'curl',
      }),
      log: agent.log,
      exitCode,
      spans: [...sink.spans],
    }
  } finally {
    await server?.stop()
    await sink.close()
    await rm(folder, { recursive: true, force: true })
  }
}
