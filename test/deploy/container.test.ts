import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startAgent } from '../truth/agent.ts'
import { pathOf } from '../truth/compare.ts'
import { makeCertificate, PROGRAMS, startProgram } from '../truth/programs.ts'
import { type ReceivedSpan, startSink } from '../truth/sink.ts'

const PYTHON = '/usr/bin/python3'
const TRIES = 30
const TRY_MS = 1000
const CAPABILITIES = ['bpf', 'perfmon', 'sys_ptrace', 'dac_read_search']

/** The file of libssl that Python maps. */
const libssl = () =>
  execFileSync(
    PYTHON,
    [
      '-c',
      'import ssl; print(next(l.split()[-1] for l in open("/proc/self/maps") if "/libssl" in l))',
    ],
    { encoding: 'utf8' },
  ).trim()

/** What a container of the DaemonSet has: four capabilities, and a root without the library of others. */
const container = (library: string) => [
  ...['unshare', '--mount', 'sh', '-c'],
  `mount --bind /dev/null '${library}' && exec "$@"`,
  ...['sh', 'setpriv', '--inh-caps=-all', '--no-new-privs'],
  `--bounding-set=-all,${CAPABILITIES.map((name) => `+${name}`).join(',')}`,
]

test('a weir with four capabilities reads TLS of a library that is not in its root', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-container-'))
  const sink = await startSink()
  const certificate = await makeCertificate(folder)
  const server = await startProgram([PYTHON, `${PROGRAMS}server.py`], folder, certificate)
  const agent = await startAgent({
    endpoint: sink.endpoint,
    instrument: [{ open_ports: String(server.port) }],
    launcher: container(libssl()),
  })
  try {
    const isServed = (span: ReceivedSpan) =>
      span.kind === 'server' && pathOf(span).startsWith('/r/')
    const seen = () => sink.spans.some(isServed)
    for (let tries = 0; tries < TRIES && !seen(); tries++) {
      execFileSync('curl', ['--silent', '--insecure', `${server.base}/r/${tries}`])
      await sink.settled(seen, TRY_MS)
    }
    assert.ok(seen(), agent.log.join('\n'))
  } finally {
    await agent.stop()
    await server.stop()
    await sink.close()
    rmSync(folder, { recursive: true })
  }
})
