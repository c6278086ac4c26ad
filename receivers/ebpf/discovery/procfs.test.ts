import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { test } from 'node:test'
import { isHidden } from './procfs.ts'

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
