import assert from 'node:assert/strict'
import { execFile, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { SOCKET } from '../../cli/status_client.ts'
import type { ProcessReport } from '../../receivers/ebpf/explain/report.ts'
import { told } from '../coverage/told.ts'
import { startAgent } from '../truth/agent.ts'
import { pathOf } from '../truth/compare.ts'
import { makeCertificate } from '../truth/programs.ts'
import { servers } from '../truth/servers.ts'
import { startSink } from '../truth/sink.ts'

const run = promisify(execFile)
const QUIET_MS = 20_000
const REQUESTS = 5
const LIBSSL = execFileSync('sh', ['-c', "ldconfig -p | grep -om1 '/[^ ]*libssl.so.3$'"], {
  encoding: 'utf8',
}).trim()

const pathsOf = (name: string) => Array.from({ length: REQUESTS }, (_, i) => `/${name}-${i}`)

/** A container whose root lies over this machine's: curl with the libssl that everyone here uses, by an overlay's name for it. */
function curlBelowOverlay(folder: string) {
  const [empty, overlay] = [join(folder, 'empty'), join(folder, 'overlay')]
  for (const place of [empty, overlay]) mkdirSync(place)
  const layers = `lowerdir=${dirname(LIBSSL)}:${empty}`
  const script = `mount -t overlay none -o ${layers} ${overlay} && echo $$ >${folder}/pid && LD_LIBRARY_PATH=${overlay} exec curl -sk -K -`
  const child = spawn('unshare', ['-m', 'sh', '-c', script], {
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  const hasIt = ({ tls }: ProcessReport) =>
    tls.some(({ file, read }) => read === true && file.startsWith(`${overlay}/libssl`))
  return {
    looked: () => told(SOCKET, join(folder, 'pid'), hasIt),
    ask: (urls: readonly string[]) =>
      child.stdin.end(urls.map((url) => `url = "${url}"\noutput = /dev/null\n`).join('')),
    kill: () => child.kill(),
  }
}

test("a program below an overlay of this machine's own files: one span a request, and no second one to others", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-overlay-'))
  const sink = await startSink()
  const server = await servers.nginx(folder, await makeCertificate(folder))
  const agent = await startAgent({
    endpoint: sink.endpoint,
    instrument: [{ target_pids: [process.pid] }],
  })
  const curl = curlBelowOverlay(folder)
  t.after(async () => {
    curl.kill()
    await server.stop()
    await sink.close()
    rmSync(folder, { recursive: true })
  })
  const [over, beside] = [pathsOf('over'), pathsOf('beside')]
  const isMine = (path: string) => over.includes(path) || beside.includes(path)
  const mine = () => sink.spans.filter((span) => isMine(pathOf(span)))
  try {
    await curl.looked()
    curl.ask(over.map((path) => `${server.base}${path}`))
    for (const path of beside) await run('curl', ['-sk', '-o', '/dev/null', server.base + path])
    await sink.settled(() => mine().length >= 4 * REQUESTS, QUIET_MS)
  } finally {
    await agent.stop() // with what else it has: a second span of a request comes with the first
  }
  const sides = [...over, ...beside].flatMap((path) => [`client ${path}`, `server ${path}`])
  assert.deepEqual(
    mine()
      .map((span) => `${span.kind} ${pathOf(span)}`)
      .sort(),
    sides.sort(),
  )
})
