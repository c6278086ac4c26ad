import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { configFor, launch, startWeir } from './weir.ts'

const TIMEOUT = { timeout: 40_000 }
const metrics = { level: 'none' }
const folder = mkdtempSync(join(tmpdir(), 'weir-log-'))
after(() => rmSync(folder, { recursive: true }))

describe('own log', () => {
  test('JSON: which weir, who speaks, and fields of the user', TIMEOUT, async () => {
    const logs = { encoding: 'json', initial_fields: { zone: 'a', n: 1 } }
    const weir = await startWeir({ telemetry: { metrics, logs, resource: { team: 'edge' } } })
    await weir.stop()
    const lines = weir.lines.map((line) => JSON.parse(line))
    const server = lines.find(({ msg }) => msg === 'Starting HTTP server')
    assert.equal(server.level, 'info')
    assert.match(server.caller, /^otlpreceiver@v\d/)
    assert.equal(server['otelcol.component.id'], 'otlp')
    assert.deepEqual([server.zone, server.n, server.resource.team], ['a', 1, 'edge'])
    assert.equal(server.resource['service.name'], 'weir')
    const messages = lines.map(({ msg }) => msg)
    for (const fixed of [
      'Everything is ready. Begin running and processing data.',
      'Received signal from OS',
      'Starting shutdown...',
      'Shutdown complete.',
    ]) {
      assert.ok(messages.includes(fixed), fixed)
    }
  })

  test('to a file and to stderr, without caller and resource', TIMEOUT, async () => {
    const file = join(folder, 'weir.log')
    const logs = {
      output_paths: ['stderr', file],
      disable_caller: true,
      disable_zap_resource: true,
    }
    const weir = await startWeir({ telemetry: { metrics, logs } })
    await weir.stop()
    assert.match(weir.lines[0] ?? '', /^\S+Z\tinfo\tStarting weir\.\.\.\t\{"Version":/)
    assert.deepEqual(readFileSync(file, 'utf8').trimEnd().split('\n'), weir.lines)
  })

  test('a file that cannot be opened is said, exit 1', TIMEOUT, async () => {
    const logs = { output_paths: [join(folder, 'missing', 'weir.log')] }
    const { document } = await configFor({ telemetry: { metrics, logs } })
    const weir = launch(document)
    const [code] = await once(weir.process, 'exit')
    assert.equal(code, 1)
    assert.match(weir.lines.join('\n'), /Error: open log file ".*missing\/weir\.log": ENOENT/)
  })
})
