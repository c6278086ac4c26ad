import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { release, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { emulated, full, slowness } from '../size.ts'
import { startBackend } from '../support/otlp_backend.ts'
import { type UnreadConnections, unreadConnections } from '../support/unread_connections.ts'
import { hooksOf, startWeir } from '../truth/agent.ts'
import { makeCertificate } from '../truth/programs.ts'
import { type ReceivedSpan, startSink } from '../truth/sink.ts'
import { coveragePage, describeRow, GUEST_LINE, guestsOf, pageHas } from './page.ts'
import { differencesOf, hasCome, type Played, playRow, type Theatre } from './play.ts'
import { type CoverageRow, isForGuests, nameOf } from './row.ts'
import { coverageRows } from './rows.ts'

const PAGE = fileURLToPath(new URL('../../../docs/coverage.md', import.meta.url))
/** A part of a row's name: no other rows are played. */
const wanted = process.env['WEIR_ROW'] ?? ''
/** Names of rows that are not played again, one a line. */
const playedBefore = (process.env['WEIR_PLAYED'] ?? '').split('\n')
/** `npm run coverage`: the page is written, not compared. */
const writes = process.env['WEIR_COVERAGE'] === 'write' && wanted === ''
const rows = coverageRows
  .filter((row) => (full || row.small) && nameOf(row).includes(wanted))
  .filter((row) => !emulated || (isForGuests(row) && !playedBefore.includes(nameOf(row))))
/** Programs that run at once. */
const AT_ONCE = emulated ? 1 : 3
/** For what the last programs gave; most of it has come by the time that they end. */
const PATIENCE_MS = 30_000 * slowness
const TIMEOUT_MS = (full ? 1_200_000 : 240_000) * slowness

/** Watches what this process starts. */
const configuration = (traces: string, metrics: string, socket: string) =>
  JSON.stringify({
    receivers: {
      ebpf: {
        socket: { path: socket },
        discovery: { instrument: [{ target_pids: [process.pid] }] },
        metrics: {
          interval: '500ms',
          aggregation_temporality: 'AGGREGATION_TEMPORALITY_DELTA',
          dimensions: ['server.port'],
        },
      },
    },
    exporters: {
      'otlp_http/traces': { endpoint: traces, encoding: 'json', compression: 'none' },
      'otlp_http/metrics': { endpoint: metrics, compression: 'none' },
    },
    service: {
      pipelines: {
        traces: { receivers: ['ebpf'], exporters: ['otlp_http/traces'] },
        metrics: { receivers: ['ebpf'], exporters: ['otlp_http/metrics'] },
      },
      telemetry: { metrics: { level: 'none' } },
    },
  })

/** By row; an error where it could not be played. */
const played = new Map<string, Played | Error>()
let spans: readonly ReceivedSpan[] = []
let unread: readonly UnreadConnections[] = []

type Tell = (row: CoverageRow, one: Played | Error) => Promise<void>

async function playAll(theatre: Theatre, tell: Tell): Promise<void> {
  const work = rows.values()
  const worker = async () => {
    for (const row of work) {
      const result = await playRow(row, theatre).catch((error: Error) => error)
      played.set(nameOf(row), result)
      await tell(row, result)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

const isPlayed = (one: Played | Error): one is Played => !(one instanceof Error)

describe('each program of docs/coverage.md', { timeout: TIMEOUT_MS }, () => {
  before(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'weir-coverage-'))
    const socket = join(folder, 'weir.sock')
    const sink = await startSink()
    const backend = await startBackend()
    const agent = await startWeir(configuration(sink.endpoint, backend.endpoint, socket))
    const { family } = hooksOf(agent)
    const come = async (all: readonly Played[]) => {
      const deadline = performance.now() + PATIENCE_MS
      const haveCome = () =>
        all.every((one) => hasCome(one, sink.spans, unreadConnections(backend.taken)))
      while (!haveCome() && performance.now() < deadline) await setTimeout(50)
    }
    /** At once: a guest may be ended before all rows have been played. */
    const tell: Tell = async (row, one) => {
      if (isPlayed(one)) await come([one])
      const unreadNow = unreadConnections(backend.taken)
      const wrong = isPlayed(one) ? differencesOf(one, sink.spans, unreadNow) : [String(one)]
      const told = { release: release(), family, name: nameOf(row) }
      if (wrong.length === 0) console.log(`${GUEST_LINE}${JSON.stringify(told)}`)
      else console.log(`${nameOf(row)}: ${wrong.join('; ')}`)
    }
    try {
      const theatre: Theatre = {
        certificate: await makeCertificate(folder),
        socket,
        unread: () => unreadConnections(backend.taken),
      }
      await playAll(theatre, emulated ? tell : async () => undefined)
      await come([...played.values()].filter(isPlayed))
    } finally {
      await agent.stop()
    }
    spans = sink.spans
    unread = unreadConnections(backend.taken)
    await sink.close()
    backend.close()
    rmSync(folder, { recursive: true })
  })

  for (const row of rows) {
    test(describeRow(row), () => {
      const result = played.get(nameOf(row))
      assert.ok(result !== undefined && isPlayed(result), String(result))
      assert.deepEqual(differencesOf(result, spans, unread), [])
    })
  }

  if (!writes) {
    test('and the page says so', () => {
      const page = readFileSync(PAGE, 'utf8')
      assert.deepEqual(rows.filter((row) => !pageHas(page, row)).map(describeRow), [])
    })
  }

  after(() => {
    const lines = [...played.values()].filter(isPlayed)
    const right = lines.filter((one) => differencesOf(one, spans, unread).length === 0)
    if (!writes || right.length < rows.length) return
    const commit = execFileSync('git', ['rev-parse', '--short=10', 'HEAD'], { encoding: 'utf8' })
    const when = `${new Date().toISOString().slice(0, 10)}, Linux ${release()}, commit ${commit.trim()}`
    const order = new Map(rows.map((row, i) => [nameOf(row), i]))
    const sorted = [...lines].sort(
      (a, b) => (order.get(nameOf(a.row)) ?? 0) - (order.get(nameOf(b.row)) ?? 0),
    )
    writeFileSync(PAGE, coveragePage(sorted, when, guestsOf(readFileSync(PAGE, 'utf8'))))
  })
})
