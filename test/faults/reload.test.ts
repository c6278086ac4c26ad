import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startAgent } from '../truth/agent.ts'
import type { Server } from '../truth/programs.ts'
import { servers } from '../truth/servers.ts'
import { startSink } from '../truth/sink.ts'

const REQUESTS = 40
const QUIET_MS = 20_000

const watch = (...watched: Server[]) => watched.map(({ port }) => ({ open_ports: String(port) }))

/** One after the other, to paths that no other call has. */
async function request(server: Server, prefix: string): Promise<string[]> {
  const paths = Array.from({ length: REQUESTS }, (_, i) => `/r/${prefix}-${i}/small`)
  for (const path of paths) await (await fetch(`${server.base}${path}`)).arrayBuffer()
  return paths
}

test('a reload of discovery keeps the probes, and takes effect on running programs', async () => {
  const wanted: string[] = []
  const folder = await mkdtemp(join(tmpdir(), 'weir-reload-'))
  const sink = await startSink()
  const [nginx, python] = [await servers.nginx(folder), await servers.python(folder)]
  const options = { endpoint: sink.endpoint }
  const agent = await startAgent({ ...options, instrument: watch(nginx) })
  try {
    wanted.push(...(await request(nginx, 'first')))
    await request(python, 'unwatched')
    const [meanwhile] = await Promise.all([
      request(nginx, 'meanwhile'),
      agent.reload({ ...options, instrument: watch(nginx, python) }),
    ])
    wanted.push(...meanwhile, ...(await request(python, 'second')))
    await agent.reload({ ...options, instrument: watch(python) })
    await request(nginx, 'no-longer')
    wanted.push(...(await request(python, 'third')))
    await sink.settled((spans) => spans.length >= wanted.length, QUIET_MS)
    assert.equal(await agent.stop(), 0)
  } finally {
    agent.process.kill('SIGKILL')
    await Promise.all([nginx.stop(), python.stop(), sink.close()])
    await rm(folder, { recursive: true, force: true })
  }
  const seen = sink.spans.map(({ attributes }) => String(attributes.get('url.path')))
  assert.deepEqual(seen.toSorted(), wanted.toSorted())
  assert.equal(agent.log.filter((line) => line.includes('TCP hooks: ')).length, 1)
})
