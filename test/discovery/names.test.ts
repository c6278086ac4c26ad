import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Explanation, ProcessReport } from '../../receivers/ebpf/explain/report.ts'
import { ROWS, type Row, writePrograms } from './named_programs.ts'

const WEIR = fileURLToPath(new URL('../../../bin/weir', import.meta.url))
const BOUND_MS = 30_000

/** 0 while there is none. */
function firstChild(pid: number): number {
  const [first = ''] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ')
  return Number(first)
}

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

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'weir-named-'))
    mkdirSync(join(folder, 'cgroups'))
    writePrograms(folder)
    for (const row of ROWS) {
      const [program = '', ...args] = row.command(folder)
      const env = { PATH: process.env['PATH'] }
      const cwd = row.cwd?.(folder) ?? '/'
      const child = spawn(program, args, { stdio: ['pipe', 'ignore', 'ignore'], env, cwd })
      children.set(row, child)
      await once(child, 'spawn')
      if (row.cgroup === undefined) continue
      inPrivate(`mkdir -p ${group(row)} && echo ${child.pid} >${group(row)}/cgroup.procs`)
    }
  })
  after(async () => {
    for (const [row, child] of children) {
      const ended = once(child, 'exit')
      child.kill(row.end ?? 'SIGKILL')
      await ended
    }
    inPrivate(`find ${folder}/cgroups/weir-names -depth -type d -exec rmdir {} +`)
    rmSync(folder, { recursive: true })
  })

  const pidOf = (row: Row): number => {
    const pid = children.get(row)?.pid ?? 0
    return row.ofWorker === true ? firstChild(pid) : pid
  }

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
        const service = found.get(pidOf(row))?.service
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
