import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { pbkdf2Sync } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server as HttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { connect, type TLSSocket } from 'node:tls'
import { fileURLToPath } from 'node:url'
import type { Explanation, ProcessReport } from '../../receivers/ebpf/explain/report.ts'
import { brought } from '../coverage/bring.ts'
import { type Agent, startWeir } from '../truth/agent.ts'
import { makeCertificate, type Server, startProgram } from '../truth/programs.ts'

const WEIR = fileURLToPath(new URL('../../../bin/weir', import.meta.url))
const PATIENCE_MS = 30_000

describe('what weir explain says of TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-explained-'))
  const socket = join(folder, 'weir.sock')
  const clients: ChildProcess[] = []
  let agent: Agent
  let java: Server
  let site: HttpsServer
  let port: number

  const explain = (word: string, ...flags: string[]) =>
    spawnSync(WEIR, ['explain', '--socket', socket, ...flags, word], { encoding: 'utf8' }).stdout

  /** The report of the one process that a word names, once it satisfies. */
  async function reportOf(
    word: string,
    satisfies: (report: ProcessReport) => boolean,
  ): Promise<ProcessReport> {
    const deadline = performance.now() + PATIENCE_MS
    for (;;) {
      const { processes } = JSON.parse(explain(word, '--json')) as Explanation
      const [report] = processes
      if (report !== undefined && satisfies(report)) return report
      assert.ok(performance.now() < deadline, JSON.stringify(report, undefined, 1))
      await setTimeout(100)
    }
  }

  before(async () => {
    const certificate = await makeCertificate(folder)
    const { cert, key } = certificate
    agent = await startWeir(
      JSON.stringify({
        receivers: {
          ebpf: {
            socket: { path: socket },
            discovery: { instrument: [{ target_pids: [process.pid] }] },
          },
        },
        exporters: { nop: null },
        service: {
          pipelines: { traces: { receivers: ['ebpf'], exporters: ['nop'] } },
          telemetry: { metrics: { level: 'none' } },
        },
      }),
    )
    java = await startProgram(['java', '-cp', brought.classes, 'Server'], folder, certificate)
    // Answers by a head, and never ends: whoever asks keeps its connection.
    site = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (_, response) => {
      response.writeHead(200).write('a part')
    })
    site.listen(0, '127.0.0.1')
    await once(site, 'listening')
    port = (site.address() as AddressInfo).port
  })
  after(async () => {
    for (const one of clients) one.kill('SIGKILL')
    site.closeAllConnections()
    site.close()
    await java.stop()
    await agent.stop()
    rmSync(folder, { recursive: true })
  })

  const start = (...command: string[]): string => {
    const [file = '', ...args] = command
    const child = spawn(file, args, { stdio: 'ignore' })
    clients.push(child)
    return String(child.pid)
  }

  /** Of a process, by library, whether it is used. */
  const usedOf = ({ tls }: ProcessReport) =>
    Object.fromEntries(tls.map(({ library, used }) => [library, used]))

  test("Debian's curl maps OpenSSL and GnuTLS, and uses the one", async () => {
    const pid = start('curl', '--silent', '--insecure', `https://127.0.0.1:${port}/`)
    const report = await reportOf(pid, ({ tls }) => tls.some(({ used }) => used === true))
    assert.deepEqual(usedOf(report), { OpenSSL: true, GnuTLS: false })
    assert.match(explain(pid), /TLS +OpenSSL, read, used: mapped; \d+ probes by symbol/)
    assert.match(explain(pid), /TLS +GnuTLS, read, not used so far: mapped/)
  })

  test("Debian's wget uses GnuTLS", async () => {
    const url = `https://127.0.0.1:${port}/`
    const pid = start('wget', '--quiet', '--no-check-certificate', '-O', '/dev/null', url)
    const report = await reportOf(pid, ({ tls }) => tls.some(({ used }) => used === true))
    assert.equal(usedOf(report)['GnuTLS'], true)
  })

  test('Java is not readable: why, and what its connections said in the clear', async () => {
    const connection: TLSSocket = connect({
      port: java.port,
      host: '127.0.0.1',
      servername: 'shop.example',
      ALPNProtocols: ['http/1.1'],
      rejectUnauthorized: false,
    })
    try {
      await once(connection, 'secureConnect')
      const isOpen = (report: ProcessReport) =>
        report.traffic?.connections.some(({ handshake }) => handshake !== '') === true
      const report = await reportOf(`:${java.port}`, isOpen)
      const [open] = report.traffic?.connections ?? []
      assert.deepEqual(
        [open?.role, open?.protocol, open?.reading, open?.connections, open?.handshake],
        ['server', 'TLS', 'not readable', 1, 'for shop.example, TLS 1.3, offers http/1.1'],
      )
      const said =
        /TLS for shop\.example, TLS 1\.3, offers http\/1\.1: TLS, not readable \(reason 114\): JSSE, of the JVM/
      assert.match(explain(String(report.pid)), said)
    } finally {
      connection.destroy()
    }
  })

  test('what probes cost is told as a share of the CPU that the process itself has used', async () => {
    const pid = start('curl', '--silent', '--insecure', `https://127.0.0.1:${port}/`)
    await reportOf(pid, ({ tls }) => tls.some(({ used }) => used === true))
    pbkdf2Sync('of this process', 'some CPU', 400_000, 32, 'sha512')
    const { traffic } = await reportOf(String(process.pid), ({ traffic }) => {
      return (traffic?.cpu.probesNs ?? 0) > 0 && (traffic?.cpu.allNs ?? 0) > 200e6
    })
    const { allNs = 0, probesNs = 0 } = traffic?.cpu ?? {}
    assert.equal(probesNs, traffic?.probes?.cpuNs)
    const usedNs = 1e3 * (process.cpuUsage().user + process.cpuUsage().system)
    assert.ok(probesNs < allNs && allNs < usedNs + 20e6, JSON.stringify({ traffic, usedNs }))
    assert.match(
      explain(String(process.pid)),
      /probes +hit \d+ times, \d+\.\d{3} s, \d+\.\d % of the \d+\.\d{3} s of its CPU: \d+\.\d\d us to pass it/,
    )
  })
})
