import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../support/ports.ts'
import { startPrometheus } from '../support/prometheus.ts'
import { configFor, launch, sendSpans, startWeir } from './weir.ts'

const TIMEOUT = { timeout: 40_000 }

const reader = (port: number, more: object = {}) => ({
  metrics: {
    readers: [{ pull: { exporter: { prometheus: { host: '127.0.0.1', port, ...more } } } }],
  },
})

describe('own metrics', () => {
  test('a real Prometheus scrapes them, and is asked for them', TIMEOUT, async () => {
    const port = await freePort()
    const weir = await startWeir({
      telemetry: { ...reader(port), resource: { 'service.name': 'edge', 'service.version': null } },
    })
    const prometheus = await startPrometheus(port)
    try {
      assert.equal((await sendSpans(weir, 7)).status, 200)
      const [accepted] = await prometheus.query('otelcol_receiver_accepted_spans')
      assert.deepEqual(
        [accepted?.metric['receiver'], accepted?.metric['transport'], accepted?.value[1]],
        ['otlp', 'http', '7'],
      )
      const [sent] = await prometheus.query('otelcol_exporter_sent_spans == 7')
      assert.equal(sent?.metric['exporter'], 'nop')
      const [items] = await prometheus.query('otelcol_processor_outgoing_items == 7')
      assert.equal(items?.metric['otel_signal'], 'traces')
      const [size] = await prometheus.query('otelcol_processor_batch_batch_send_size_sum')
      assert.equal(size?.value[1], '7')
      const [info] = await prometheus.query('target_info')
      assert.equal(info?.metric['service_name'], 'edge')
      assert.equal(info?.metric['service_version'], undefined)
      assert.match(info?.metric['service_instance_id'] ?? '', /^[0-9a-f-]{36}$/)
      const [rss] = await prometheus.query('otelcol_process_memory_rss')
      assert.ok(Number(rss?.value[1]) > 20e6)
    } finally {
      await prometheus.stop()
      assert.equal(await weir.stop(), 0)
    }
  })

  test('the level detailed has how long requests took, served and sent', TIMEOUT, async (t) => {
    const sink = createHttpServer((request, response) => {
      request.resume().on('end', () => response.end())
    }).listen(0, '127.0.0.1')
    t.after(() => void sink.close())
    await once(sink, 'listening')
    const { port: sinkPort } = sink.address() as AddressInfo
    const port = await freePort()
    const telemetry = { metrics: { ...reader(port).metrics, level: 'detailed' } }
    const weir = await startWeir({ telemetry, endpoint: `http://127.0.0.1:${sinkPort}` })
    const lines = async (name: string): Promise<string> => {
      for (;;) {
        const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
        const found = text.split('\n').filter((line) => line.startsWith(`${name}_count`))
        if (found.length > 0) return found.join('\n')
        await sleep(50) // until the span has left
      }
    }
    try {
      await sendSpans(weir, 1)
      const done = 'http_request_method="POST",http_response_status_code="200"'
      const served = await lines('http_server_request_duration')
      assert.match(served, new RegExp(`${done}.*server_port="${weir.otlpPort}".*} 1$`, 'm'))
      const sent = await lines('http_client_request_duration')
      assert.match(sent, new RegExp(`${done}.*server_port="${sinkPort}".*} 1$`, 'm'))
    } finally {
      await weir.stop()
      sink.closeAllConnections()
    }
  })

  test('promtool finds nothing to say where suffixes are asked for', TIMEOUT, async () => {
    const port = await freePort()
    const suffixes = { without_type_suffix: false, without_units: false }
    const weir = await startWeir({ telemetry: reader(port, suffixes) })
    try {
      await sendSpans(weir, 1)
      const answer = await fetch(`http://127.0.0.1:${port}/metrics`)
      assert.match(answer.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
      const checked = spawnSync('promtool', ['check', 'metrics'], { input: await answer.text() })
      assert.deepEqual([checked.status, String(checked.stderr)], [0, ''])
      assert.equal((await fetch(`http://127.0.0.1:${port}/`)).status, 404)
    } finally {
      await weir.stop()
    }
  })

  test('a port that is taken is said as the Collector says it, exit 1', TIMEOUT, async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const address = other.address()
    assert.ok(typeof address === 'object' && address !== null)
    const { document } = await configFor({ telemetry: reader(address.port) })
    const weir = launch(document)
    const [code] = await once(weir.process, 'exit')
    other.close()
    assert.equal(code, 1)
    const said = `binding address 127.0.0.1:${address.port} for Prometheus exporter: listen tcp 127.0.0.1:${address.port}: bind: address already in use`
    assert.ok(weir.lines.join('\n').includes(`Error: failed to create meter provider: ${said}`))
    assert.match(weir.lines.join('\n'), /hint: .*level=none/)
  })

  test('level none opens no port', TIMEOUT, async () => {
    const port = await freePort()
    const { metrics } = reader(port)
    const weir = await startWeir({ telemetry: { metrics: { ...metrics, level: 'none' } } })
    await weir.says('Internal metrics telemetry disabled')
    await assert.rejects(fetch(`http://127.0.0.1:${port}/metrics`))
    assert.equal(await weir.stop(), 0)
  })

  test('a reload takes another port; one that is taken leaves all as it was', TIMEOUT, async () => {
    const [first, second] = [await freePort(), await freePort()]
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const address = other.address()
    assert.ok(typeof address === 'object' && address !== null)
    const { document, otlpPort } = await configFor({ telemetry: reader(first) })
    const on = (port: number) => ({
      ...document,
      service: { ...document.service, telemetry: reader(port) },
    })
    const status = (port: number) =>
      fetch(`http://127.0.0.1:${port}/metrics`).then(
        (answer) => answer.status,
        () => 'refused',
      )
    const weir = launch(document, otlpPort)
    try {
      await weir.says('Everything is ready.')
      weir.reload(on(second))
      await weir.says('The new configuration is at work.')
      assert.deepEqual([await status(first), await status(second)], ['refused', 200])
      weir.reload(on(address.port))
      await weir.says('the old one runs on')
      assert.deepEqual([await status(first), await status(second)], ['refused', 200])
      assert.equal((await sendSpans(weir, 1)).status, 200)
    } finally {
      other.close()
      assert.equal(await weir.stop(), 0)
    }
  })
})
