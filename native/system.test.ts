import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { takeHostLock } from './host_lock.ts'
import { bootNow, memlockLimit, readClocks, releaseFilePages } from './system.ts'

describe('clocks', () => {
  test('the wall clock is Date.now', () => {
    const before = BigInt(Date.now())
    const { realNs } = readClocks()
    assert.ok(realNs / 1_000_000n >= before && realNs / 1_000_000n <= BigInt(Date.now()))
  })

  test('the boot clock is /proc/uptime', () => {
    const uptime = Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0])
    const { bootNs } = readClocks()
    assert.ok(Math.abs(Number(bootNs) / 1e9 - uptime) < 1)
  })

  test('both are read within a window of less than a millisecond', () => {
    const { windowNs } = readClocks()
    assert.ok(windowNs > 0 && windowNs < 1_000_000, `${windowNs} ns`)
  })

  test('bootNow counts from the epoch given', () => {
    const { bootNs } = readClocks()
    const first = bootNow(bootNs)
    const second = bootNow(bootNs)
    assert.ok(first > 0 && second >= first && second < 60e9)
    assert.ok(bootNow(bootNs - 1_000_000_000n) - second >= 1e9)
  })
})

test('memlockLimit is what /proc/self/limits says', () => {
  const line = /Max locked memory\s+(\S+)/.exec(readFileSync('/proc/self/limits', 'latin1'))
  const want = line?.[1] === 'unlimited' ? Number.POSITIVE_INFINITY : Number(line?.[1])
  assert.equal(memlockLimit(), want)
})

test('releaseFilePages gives most of the code back, and everything works on', () => {
  const fileKib = () =>
    Number(/RssFile:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'latin1'))?.[1])
  const before = fileKib()
  const released = releaseFilePages()
  assert.ok(released > 1 << 20, `${released} bytes`)
  assert.ok(fileKib() < before - 1024, `${fileKib()} KiB of ${before}`)
  assert.equal(new Intl.NumberFormat('de').format(1234.5), '1.234,5')
  assert.ok(releaseFilePages() > 0)
})

describe('takeHostLock', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-lock-'))
  after(() => rmSync(folder, { recursive: true }))

  test('the second is told who holds it, until it is released', () => {
    const path = join(folder, 'lock')
    const first = takeHostLock(path)
    assert.ok(first.held)
    assert.deepEqual(takeHostLock(path), { held: false, pid: process.pid })
    first.release()
    const third = takeHostLock(path)
    assert.ok(third.held)
    third.release()
  })

  test('a folder that is not there', () => {
    assert.throws(() => takeHostLock(join(folder, 'none', 'lock')), { code: 'ENOENT' })
  })
})
