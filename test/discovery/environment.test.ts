import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { pathOf } from '../truth/compare.ts'
import { type Sink, startSink } from '../truth/sink.ts'
import { PROGRAMS, runWeir, type Service, startService } from './services.ts'

const WAIT_MS = 20_000

describe('weir as a service with nothing but variables', () => {
  let folder: string
  let sink: Sink
  let mine: Service
  let other: Service

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'weir-environment-'))
    sink = await startSink()
    mine = await startService(['python3', join(PROGRAMS, 'plain.py')])
    other = await startService(['python3', join(PROGRAMS, 'plain.py')])
  })
  after(async () => {
    await mine.stop()
    await other.stop()
    await sink.close()
    rmSync(folder, { recursive: true })
  })

  /** Asks both services under weir, and gives what the backend got of it. */
  const play = async (path: string, env: Readonly<Record<string, string>>) => {
    const weir = await runWeir({
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'none',
      OTEL_BSP_SCHEDULE_DELAY: '100',
      ...env,
    })
    try {
      await other.get(`${path}/other`)
      await mine.get(path)
      await sink.settled((spans) => spans.some((span) => pathOf(span) === path), WAIT_MS)
    } finally {
      await weir.stop()
    }
    const spans = sink.spans.filter((span) => pathOf(span).startsWith(path))
    return { spans, log: weir.log.join('\n') }
  }

  test('a port, a name, an endpoint', async () => {
    const { spans, log } = await play('/by-port', {
      OTEL_EBPF_OPEN_PORT: String(mine.port),
      OTEL_SERVICE_NAME: 'cart',
      OTEL_RESOURCE_ATTRIBUTES: 'service.namespace=shop,team=a',
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint,
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_EBPF_BPF_WAKEUP_LEN: '100',
    })
    const [span] = spans
    assert.equal(spans.length, 1)
    const keys = ['service.name', 'service.namespace', 'team', 'process.pid']
    const found = keys.map((key) => span?.resource.get(key))
    assert.deepEqual(found, ['cart', 'shop', 'a', mine.pid])
    assert.match(log, /OTEL_EBPF_BPF_WAKEUP_LEN.*has no effect/)
  })

  test("a file of OBI's, named by its variable", async () => {
    const config = join(folder, 'obi.yaml')
    writeFileSync(
      config,
      `discovery:
  instrument:
    - target_pids: [${mine.pid}]
      name: obi-named
trace_printer: disabled
routes:
  unmatched: wildcard
otel_traces_export:
  endpoint: ${sink.endpoint}
`,
    )
    const { spans } = await play('/by-file', { OTEL_EBPF_CONFIG_PATH: config })
    const found = spans.map(({ name, service }) => [name, service])
    assert.deepEqual(found, [['GET /**', 'obi-named']])
  })
})
