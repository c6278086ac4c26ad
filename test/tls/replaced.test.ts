import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { type Agent, startAgent } from '../truth/agent.ts'
import { pathOf } from '../truth/compare.ts'
import { makeCertificate, PROGRAMS, type Server, startProgram } from '../truth/programs.ts'
import { type Sink, startSink } from '../truth/sink.ts'

const run = promisify(execFile)
const QUIET_MS = 20_000
const REQUESTS = 3
const LIBRARIES = '/usr/lib/x86_64-linux-gnu/'

/** Another file takes the name, as by an upgrade; a program that runs keeps the one that it has. */
function replace(file: string): void {
  copyFileSync(file, `${file}.new`)
  renameSync(`${file}.new`, file)
}

describe('programs whose files an upgrade has replaced since their start', () => {
  let folder: string
  let sink: Sink
  let agent: Agent
  const running = new Map<string, Server>()

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'weir-replaced-'))
    sink = await startSink()
    const certificate = await makeCertificate(folder)
    const node = join(folder, 'node')
    copyFileSync(process.execPath, node)
    const lib = join(folder, 'lib')
    mkdirSync(lib)
    const files = ['libssl.so.3', 'libcrypto.so.3'].map((name) => join(lib, name))
    for (const file of files) copyFileSync(file.replace(`${lib}/`, LIBRARIES), file)
    const python = ['env', `LD_LIBRARY_PATH=${lib}`, '/usr/bin/python3', `${PROGRAMS}server.py`]
    const commands = { 'its own': [node, `${PROGRAMS}server.mjs`], 'a library': python }
    for (const [name, command] of Object.entries(commands)) {
      running.set(name, await startProgram(command, folder, certificate))
    }
    for (const file of [node, ...files]) replace(file)
    const instrument = [{ target_pids: [process.pid] }]
    agent = await startAgent({ endpoint: sink.endpoint, instrument })
  })
  after(async () => {
    for (const server of running.values()) await server.stop()
    await agent?.stop()
    await sink.close()
    rmSync(folder, { recursive: true })
  })

  for (const name of ['its own', 'a library']) {
    test(`${name}: TLS is read, one span a request`, async () => {
      const server = running.get(name)
      const paths = Array.from({ length: REQUESTS }, (_, i) => `/${name.replace(' ', '_')}/${i}`)
      const mine = () =>
        sink.spans.filter((span) => span.kind === 'server' && paths.includes(pathOf(span)))
      for (const path of paths) {
        await run('curl', ['-sk', '-o', '/dev/null', `${server?.base}${path}`])
      }
      await sink.settled(() => mine().length >= REQUESTS, QUIET_MS)
      assert.deepEqual(mine().map(pathOf).sort(), paths)
    })
  }
})
