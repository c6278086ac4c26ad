import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { type Agent, startAgent } from '../truth/agent.ts'
import { pathOf } from '../truth/compare.ts'
import { makeCertificate, type Server } from '../truth/programs.ts'
import { servers } from '../truth/servers.ts'
import { type Sink, startSink } from '../truth/sink.ts'

const run = promisify(execFile)
const QUIET_MS = 20_000
const PATHS = Array.from({ length: 20 }, (_, index) => `/gnutls-${index}`)

describe("GnuTLS: Debian's wget asks nginx", () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-gnutls-'))
  let server: Server
  let sink: Sink
  let agent: Agent

  before(async () => {
    server = await servers.nginx(folder, await makeCertificate(folder))
    sink = await startSink()
    agent = await startAgent({
      endpoint: sink.endpoint,
      instrument: [{ target_pids: [process.pid] }],
    })
  })
  after(async () => {
    await agent.stop()
    await sink.close()
    await server.stop()
    rmSync(folder, { recursive: true })
  })

  const rows: [name: string, wget: () => Promise<unknown>][] = [
    ['over one connection', () => wget(PATHS)],
    ['each over its own', () => Promise.all(PATHS.map((path) => wget([path])))],
  ]

  const wget = (paths: readonly string[]) =>
    run('wget', [
      ...['--quiet', '--no-check-certificate', '--output-document=/dev/null'],
      '--content-on-error',
      ...paths.map((path) => `${server.base}${path}`),
    ]).catch(({ code }: { code: number }) => assert.equal(code, 8)) // answered by 404

  for (const [name, ask] of rows) {
    test(`${name}: every request is one client span with its peer`, async () => {
      const from = sink.spans.length
      const mine = () =>
        sink.spans
          .slice(from)
          .filter((span) => span.kind === 'client' && pathOf(span).startsWith('/gnutls-'))
      await ask()
      await sink.settled(() => mine().length >= PATHS.length, QUIET_MS)
      const told = mine().map((span) => [pathOf(span), span.attributes.get('server.port')])
      const wanted = PATHS.map((path) => [path, server.port])
      assert.deepEqual(told.sort(), wanted.sort())
    })
  }
})
