import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Explanation, ProcessReport } from '../../receivers/ebpf/explain/report.ts'

const WEIR = fileURLToPath(new URL('../../../bin/weir', import.meta.url))
const BOUND_MS = 30_000
const CONTAINER = '7c'.repeat(32)
const SLEEP = '1000'

const MAIN_JAVA = `package acme;
public class Main { public static void main(String[] a) throws Exception { Thread.sleep(1000000); } }
`
const MAIN_GO = `package main
import "time"
func main() { time.Sleep(1000 * time.Second) }
`
const MANIFEST =
  'Main-Class: acme.Main\nImplementation-Title: shop-backend\nImplementation-Version: 3.1\n'

/** A program that sleeps, and how it should be named. */
interface Row {
  readonly what: string
  readonly command: (folder: string) => readonly string[]
  readonly name: string
  readonly rule: string
  readonly version?: string
  /** Of its own, below the root of the hierarchy. */
  readonly cgroup?: string
}

const ROWS: readonly Row[] = [
  {
    what: 'a package of Node',
    command: (folder) => [process.execPath, join(folder, 'pay/src/main.mjs')],
    name: '@acme/pay',
    version: '2.0.1',
    rule: 'package.json',
  },
  {
    what: 'a module of Python',
    command: () => ['python3', '-m', 'http.server', '0', '--bind', '127.0.0.1'],
    name: 'http.server',
    rule: 'Python module',
  },
  {
    what: 'a script of Python',
    command: (folder) => ['python3', '-u', join(folder, 'orders.py'), '--port', '80'],
    name: 'orders',
    rule: 'Python script',
  },
  {
    what: 'a JAR with a title',
    command: (folder) => ['java', '-jar', join(folder, 'x-1.0.jar')],
    name: 'shop-backend',
    version: '3.1',
    rule: 'JAR manifest',
  },
  {
    what: 'a class of Java',
    command: (folder) => ['java', '-cp', folder, 'acme.Main'],
    name: 'acme.Main',
    rule: 'main class',
  },
  {
    what: 'a module of Go',
    command: (folder) => [join(folder, 'server')],
    name: 'cart',
    rule: 'Go module path',
  },
  {
    what: 'a unit of systemd',
    command: (folder) => [join(folder, 'sleeper'), SLEEP],
    name: 'billing',
    rule: 'systemd unit',
    cgroup: 'billing.service',
  },
  {
    what: 'a container',
    command: (folder) => [join(folder, 'sleeper'), SLEEP],
    name: 'web-1',
    rule: 'container name',
    cgroup: `docker/${CONTAINER}`,
  },
  {
    what: 'a link to an executable',
    command: (folder) => [join(folder, 'napper'), SLEEP],
    name: 'napper',
    rule: 'link to the executable',
  },
  {
    what: 'an executable',
    command: (folder) => [join(folder, 'sleeper'), SLEEP],
    name: 'sleeper',
    rule: 'executable',
  },
]

describe('names of real programs, and the rule that won', () => {
  let folder: string
  const children = new Map<Row, ChildProcess>()

  /** In a mount namespace of its own, with the control groups at `cgroups` and Docker's files where they belong. */
  const inPrivate = (script: string, ...args: string[]): string => {
    const mounts = `mount -t cgroup2 none ${folder}/cgroups && mkdir -p /var/lib/docker && mount --bind ${folder}/docker /var/lib/docker`
    return execFileSync('unshare', ['-m', 'sh', '-c', `${mounts} && ${script}`, 'sh', ...args], {
      encoding: 'utf8',
      maxBuffer: 256 << 20,
    })
  }
  const group = ({ cgroup }: Row) => `${folder}/cgroups/weir-names/${cgroup}`

  const write = (name: string, text: string) => {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  const run = (program: string, ...args: string[]) =>
    execFileSync(program, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'weir-named-'))
    mkdirSync(join(folder, 'cgroups'))
    write(`docker/containers/${CONTAINER}/config.v2.json`, '{"Name": "/web-1"}')
    write('pay/package.json', '{"name": "@acme/pay", "version": "2.0.1"}')
    write('pay/src/main.mjs', 'setInterval(() => undefined, 1e6)')
    write('orders.py', 'import time; time.sleep(1000)')
    write('Main.java', MAIN_JAVA)
    write('manifest', MANIFEST)
    run('javac', '-d', folder, join(folder, 'Main.java'))
    run('jar', '--create', '--file', 'x-1.0.jar', '--manifest', 'manifest', 'acme/Main.class')
    write('go.mod', 'module example.com/shop/v2\n')
    write('cmd/cart/main.go', MAIN_GO)
    run('go', 'build', '-o', 'server', './cmd/cart')
    copyFileSync('/bin/sleep', join(folder, 'sleeper'))
    symlinkSync('/bin/sleep', join(folder, 'napper'))
    for (const row of ROWS) {
      const [program = '', ...args] = row.command(folder)
      const env = { PATH: process.env['PATH'] }
      const child = spawn(program, args, { stdio: 'ignore', env, cwd: '/' })
      children.set(row, child)
      await once(child, 'spawn')
      if (row.cgroup === undefined) continue
      inPrivate(`mkdir -p ${group(row)} && echo ${child.pid} >${group(row)}/cgroup.procs`)
    }
  })
  after(async () => {
    for (const child of children.values()) {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    }
    inPrivate(`find ${folder}/cgroups/weir-names -depth -type d -exec rmdir {} +`)
    rmSync(folder, { recursive: true })
  })

  const reports = (): ReadonlyMap<number, ProcessReport> => {
    const text = inPrivate(
      'exec "$@"',
      WEIR,
      'explain',
      '--socket',
      `${folder}/none`,
      '--json',
      'all',
    )
    return new Map((JSON.parse(text) as Explanation).processes.map((one) => [one.pid, one]))
  }

  test('each by its own rule', async () => {
    const end = Date.now() + BOUND_MS
    const want = ROWS.map(({ what, name, rule, version = '' }) => [what, name, rule, version])
    const look = () => {
      const found = reports()
      return ROWS.map((row) => {
        const service = found.get(children.get(row)?.pid ?? 0)?.service
        return [row.what, service?.name, service?.rule, service?.version]
      })
    }
    // A program is another one until its exec is over.
    let found = look()
    while (JSON.stringify(found) !== JSON.stringify(want) && Date.now() < end) {
      await setTimeout(100)
      found = look()
    }
    assert.deepEqual(found, want)
  })
})
