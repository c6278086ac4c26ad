import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { enableBpfStats } from '../../native/system.ts'
import { NO_CGROUP } from '../../receivers/ebpf/discovery/cgroup.ts'
import { clients, type RunClient } from '../truth/clients.ts'
import {
  type Certificate,
  makeCertificate,
  makeRequests,
  type StartServer,
} from '../truth/programs.ts'
import { servers } from '../truth/servers.ts'
import { byPath, CLIENT, openTap, SERVER, type Tap, type TapRecord } from './tls_tap.ts'

const run = promisify(execFile)
const MEMORY_BIOS = fileURLToPath(new URL('../../../test/kernel/memory_bios.py', import.meta.url))

interface Row {
  readonly server: StartServer
  readonly client: RunClient
  readonly connections: number
  readonly keepAlive: boolean
}

const rows: [name: string, row: Row][] = [
  [
    'nginx and curl',
    { server: servers.nginx, client: clients.curl, connections: 1, keepAlive: true },
  ],
  [
    'nginx and urllib',
    { server: servers.nginx, client: clients.python, connections: 4, keepAlive: false },
  ],
  [
    'http.server and curl',
    { server: servers.python, client: clients.curl, connections: 4, keepAlive: true },
  ],
  [
    'asyncio and Node',
    { server: servers.python_asyncio, client: clients.node, connections: 64, keepAlive: true },
  ],
  [
    'Node and urllib',
    { server: servers.node, client: clients.python, connections: 4, keepAlive: true },
  ],
  [
    'Node and Node',
    { server: servers.node, client: clients.node, connections: 16, keepAlive: true },
  ],
]

/** Resolves once the process has mapped a file of this name. */
async function mapped(tgid: number, name: string): Promise<void> {
  while (!readFileSync(`/proc/${tgid}/maps`, 'utf8').includes(name)) await setImmediate()
}

const modes = [
  'in turn',
  'shuffled',
  'late',
  'late shuffled',
  'tls12 shuffled',
  'tls12 late shuffled',
  'near',
  'near shuffled',
  'near late shuffled',
  'near tls12 shuffled',
  'sized',
  'sized shuffled',
  'sized late shuffled',
  'sized tls12 shuffled',
]

describe('OpenSSL', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-openssl-'))
  let certificate: Certificate
  let tap: Tap
  let stopStats: () => void

  before(async () => {
    certificate = await makeCertificate(folder)
    stopStats = enableBpfStats()
    tap = await openTap()
  })
  after(() => {
    tap.close()
    stopStats()
    rmSync(folder, { recursive: true })
  })

  /** What is recorded while `work` is done. */
  async function recorded(work: () => Promise<void>): Promise<TapRecord[]> {
    tap.take()
    const records: TapRecord[] = []
    const timer = setInterval(() => records.push(...tap.take()), 20)
    await work().finally(() => clearInterval(timer))
    return [...records, ...tap.take()]
  }

  const hits = () => [...tap.hits().values()].reduce((sum, runs) => sum + runs, 0)

  for (const [name, { server: start, client, connections, keepAlive }] of rows) {
    test(`${name}: both sides of every request, with each other's ports`, async (t) => {
      const server = await start(folder, certificate)
      const prefix = `/r/k${process.pid}-${rows.findIndex(([row]) => row === name)}-`
      const requests = makeRequests(prefix, 3 * connections + 20)
      const hitsBefore = hits()
      const records = await recorded(async () => {
        await client({ base: server.base, requests, connections, keepAlive }, folder)
      }).finally(() => server.stop())
      const served = byPath(records, SERVER, prefix)
      const asked = byPath(records, CLIENT, prefix)
      assert.equal(served.size, requests.length)
      assert.equal(asked.size, requests.length)
      let paired = 0
      for (const [path, { localPort, peerPort, addressed, firstNs }] of served) {
        const other = asked.get(path)
        assert.ok(other, path)
        assert.ok(other.firstNs < firstNs, `${path} was read before it was written`)
        if (addressed) assert.equal(localPort, server.port, path)
        if (other.addressed) assert.equal(other.peerPort, server.port, path)
        if (!addressed || !other.addressed) continue
        assert.equal(peerPort, other.localPort, `${path} has another's socket`)
        paired++
      }
      t.diagnostic(
        `${requests.length} requests, ${paired} with both addresses, ` +
          `${((hits() - hitsBefore) / requests.length).toFixed(1)} uprobe hits per request`,
      )
      assert.ok(paired > requests.length / 2, `only ${paired} of ${requests.length} have addresses`)
    })
  }

  for (const mode of modes) {
    test(`memory BIOs ${mode}: no socket rather than another's`, async (t) => {
      let ports: Record<string, number> = {}
      const records = await recorded(async () => {
        const { cert, key } = certificate
        const { stdout } = await run('python3', [MEMORY_BIOS, cert, key, mode, '16', '6'])
        ports = JSON.parse(stdout) as Record<string, number>
      })
      const served = byPath(records, SERVER, '/bio-')
      const asked = byPath(records, CLIENT, '/bio-')
      assert.equal(served.size, 96)
      assert.equal(asked.size, 96)
      const proved = [...served, ...asked].filter(([, { addressed }]) => addressed)
      for (const [path, { role, localPort, peerPort }] of proved) {
        assert.equal(role === SERVER ? peerPort : localPort, ports[path], path)
      }
      t.diagnostic(`${proved.length} of 192 exchanges have a socket`)
      // Where lengths tell messages apart, what is provable is proved.
      if (mode.startsWith('sized')) assert.ok(proved.length > 0)
    })
  }

  test('a short-lived user of a known library: from its first byte, every time', async () => {
    const server = await servers.nginx(folder, certificate)
    const paths = Array.from({ length: 10 }, (_, index) => `/short-${index}`)
    const records = await recorded(async () => {
      for (const path of paths) {
        await run('curl', ['-sk', '-o', '/dev/null', `${server.base}${path}`])
      }
    }).finally(() => server.stop())
    assert.deepEqual([...byPath(records, CLIENT, '/short-').keys()].sort(), paths)
  })

  /** Runs curl in a mount namespace of its own, with the libssl of `mounted`, that `mount` has made there. */
  async function curlFrom(mounted: string, mount: string, url: string): Promise<TapRecord[]> {
    // It has mapped the library when it waits for its orders on standard input.
    const script = `${mount} && LD_LIBRARY_PATH=${mounted} exec curl -sk -K -`
    const child = spawn('unshare', ['-m', 'sh', '-c', script], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const { pid = 0 } = child
    try {
      return await recorded(async () => {
        await mapped(pid, `${mounted}/libssl`)
        tap.source.fileMapped?.({ tgid: pid, inode: 0, device: 0 })
        await tap.source.ready()
        child.stdin.end(`url = "${url}"\n`)
        await once(child, 'exit')
      })
    } finally {
      child.kill()
    }
  }

  const LIBSSL = `$(ldconfig -p | grep -om1 '/[^ ]*libssl.so.3$')`

  test('a library that only another mount namespace has', async () => {
    const server = await servers.nginx(folder, certificate)
    const before = tap.source.libraries().length
    const mounted = join(folder, 'mounted')
    mkdirSync(mounted)
    const mount = `mount -t tmpfs none ${mounted} && cp -L ${LIBSSL} ${mounted}/`
    try {
      const records = await curlFrom(mounted, mount, `${server.base}/late`)
      assert.equal(tap.source.libraries().length, before + 1)
      assert.ok(byPath(records, CLIENT, '/late').has('/late'))
    } finally {
      await server.stop()
    }
  })

  test('a library beside a program that is gone before it is looked at: seen in its next run', async () => {
    const server = await servers.nginx(folder, certificate)
    const program = join(folder, 'program')
    const exePath = join(program, 'bin/curl')
    await run('sh', [
      '-c',
      `mkdir -p ${program}/bin ${program}/lib && cp $(command -v curl) ${exePath} && cp -L ${LIBSSL} ${program}/lib/`,
    ])
    const env = { ...process.env, LD_LIBRARY_PATH: `${program}/lib` }
    const ask = (path: string) =>
      run(exePath, ['-sk', '-o', '/dev/null', `${server.base}${path}`], { env })
    try {
      const first = ask('/gone-1')
      const tgid = first.child.pid ?? 0
      await first
      tap.source.processStarted?.({
        tgid,
        parent: 0,
        startedNs: 0,
        cpuBeforeNs: 0,
        comm: 'curl',
        exePath,
        args: [],
        env: new Map(),
        cgroup: NO_CGROUP,
      })
      await tap.source.ready()
      const records = await recorded(async () => {
        await ask('/gone-2')
      })
      assert.deepEqual([...byPath(records, CLIENT, '/gone-').keys()], ['/gone-2'])
    } finally {
      await server.stop()
    }
  })

  test('a library that two overlays show, as containers of one image do: probed once', async (t) => {
    const server = await servers.nginx(folder, certificate)
    const before = tap.source.libraries().length
    const [image, empty, ...overlays] = ['image', 'empty', 'overlay-0', 'overlay-1'].map((name) =>
      join(folder, name),
    )
    for (const place of [image, empty, ...overlays]) mkdirSync(place ?? '')
    await run('sh', ['-c', `cp -L ${LIBSSL} ${image}/`])
    try {
      for (const [index, overlay] of overlays.entries()) {
        const path = `/overlay-${index}`
        const mount = `mount -t overlay none -o lowerdir=${image}:${empty} ${overlay}`
        const hitsBefore = hits()
        const records = await curlFrom(overlay, mount, `${server.base}${path}`)
        assert.ok(byPath(records, CLIENT, path).has(path))
        t.diagnostic(`${hits() - hitsBefore} uprobe hits of the request through ${overlay}`)
      }
      assert.equal(tap.source.libraries().length, before + 1)
    } finally {
      await server.stop()
    }
  })

  test('reads take one probe; of the rest only the result of SSL_write_ex is single-stepped', () => {
    const libraries = tap.source.libraries().filter(({ name }) => !name.includes('gnutls'))
    for (const { name, probes } of libraries) {
      const stepped = probes.filter(({ emulated }) => !emulated)
      assert.ok(
        stepped.every(({ program }) => program === 'ssl_result'),
        `${name}: ${JSON.stringify(stepped)}`,
      )
      assert.ok(stepped.length <= 1, `${name}: ${JSON.stringify(stepped)}`)
      const reads = probes.filter(({ program }) => program.startsWith('ssl_read'))
      assert.ok(
        reads.every(({ program }) => program === 'ssl_read_done'),
        `${name}: ${JSON.stringify(reads)}`,
      )
    }
    assert.deepEqual([...tap.counts], [])
  })
})
