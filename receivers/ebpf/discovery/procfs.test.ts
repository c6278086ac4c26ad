import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { test } from 'node:test'
import { isHidden, readCpuNs, readProcess } from './procfs.ts'

const NOBODY = 65_534

test('what another user runs is hidden, but not from root', (t) => {
  const other = spawn('sleep', ['60'])
  t.after(() => other.kill())
  const tgid = other.pid ?? 0
  assert.equal(isHidden(tgid), false)
  assert.equal(isHidden(process.pid), false)
  if (process.geteuid?.() !== 0) return
  process.seteuid?.(NOBODY)
  const hidden = isHidden(tgid)
  process.seteuid?.(0)
  assert.equal(hidden, true)
})

test('the CPU time of a process is that of all its threads, of those that ended, too', () => {
  const { user, system } = process.cpuUsage()
  const found = readCpuNs(process.pid) ?? 0
  const after = process.cpuUsage()
  const [least, most] = [(user + system) * 1000, (after.user + after.system) * 1000]
  assert.ok(found > least - 30e6 && found < most + 30e6, `${found} of ${least} to ${most}`)
  assert.ok((readProcess(process.pid, 0n)?.cpuBeforeNs ?? 0) >= found)
  assert.equal(readCpuNs(4_194_500), undefined)
})
