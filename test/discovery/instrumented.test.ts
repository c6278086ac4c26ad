import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { explanationText } from '../../cli/explain_text.ts'
import { askAgent, bodyOf } from '../../cli/status_client.ts'
import type { Explanation } from '../../receivers/ebpf/explain/report.ts'
import { startBackend } from '../support/otlp_backend.ts'
import { PROGRAMS, startService, watchOnly } from './services.ts'

const WAIT_MS = 20_000

test('explain says of a program with an SDK that it is left out since it exports traces', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-sdk-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const backend = await startBackend()
  t.after(() => backend.close())
  const sdk = join(PROGRAMS, 'instrumented.mjs')
  const service = await startService([process.execPath, sdk, backend.endpoint])
  t.after(() => service.stop())
  const socket = join(folder, 'weir.sock')
  const agent = await watchOnly(service.pid, 'sdk', socket)
  t.after(() => agent.stop())
  const explained = async () => {
    const response = await askAgent(socket, `/v1/explain?word=${service.pid}`)
    assert.ok(response, 'an agent runs')
    return JSON.parse(await bodyOf(response)) as Explanation
  }

  const first = await explained()
  assert.match(explanationText(first), /watched +yes: instrument\[0\]/)
  // The first exports may be of requests that were served before weir was there.
  const end = Date.now() + WAIT_MS
  let found = first
  while (found.processes[0]?.selected !== false && Date.now() < end) {
    await service.get('/')
    await setTimeout(50)
    found = await explained()
  }
  assert.match(
    explanationText(found),
    /watched +no: exclude_otel_instrumented_services: it exports traces by OTLP itself \(reason 105/,
  )
})
