import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { freePort } from '../support/ports.ts'
import { PROGRAMS, startService, watchOnly } from './services.ts'

const WAIT_MS = 20_000
/** /proc counts in steps of 10 ms, of each thread. */
const STEPS_S = 0.1

const METRIC = /^weir_receiver_service_cpu\{[^}]*service="burner"[^}]*\} (\S+)$/m

test('the CPU time of a service is that of its process since weir knows it, and stays when that has ended', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-cpu-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const service = await startService([process.execPath, join(PROGRAMS, 'burner.mjs')])
  t.after(() => service.stop())
  const usedS = async () => {
    const response = await fetch(`http://127.0.0.1:${service.port}/`)
    return Number(await response.text()) / 1e9
  }
  const before = await usedS()
  const port = await freePort()
  const metrics = {
    readers: [{ pull: { exporter: { prometheus: { host: '127.0.0.1', port } } } }],
  }
  const agent = await watchOnly(service.pid, 'burner', join(folder, 'weir.sock'), metrics)
  t.after(() => agent.stop())
  const toldS = async () => {
    const page = await fetch(`http://127.0.0.1:${port}/metrics`)
    return Number(METRIC.exec(await page.text())?.[1] ?? 0)
  }
  const until = async (least: number) => {
    for (const end = Date.now() + WAIT_MS; Date.now() < end; ) {
      const told = await toldS()
      if (told >= least) return told
      await setTimeout(50)
    }
    return toldS()
  }

  await usedS()
  const used = (await usedS()) - before
  const told = await until(used - STEPS_S)
  assert.ok(used >= 0.6 && told >= used - STEPS_S, `${told} of ${used}`)
  assert.ok(told <= (await usedS()) - before + STEPS_S, `${told} of ${used}`)
  await service.stop()
  assert.ok((await toldS()) >= told)
})
