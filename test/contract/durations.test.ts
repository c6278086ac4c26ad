import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeCertificates } from '../support/certificates.ts'
import { freePort } from '../support/ports.ts'
import { launch, sendSpans } from '../telemetry/weir.ts'

/** Every duration that the components of a plain Collector take. */
function configuration(every: string, port: number, folder: string) {
  const { serverCert, serverKey } = makeCertificates()
  const tls = { cert_file: serverCert, key_file: serverKey, reload_interval: every }
  const age = { max_connection_age: every, max_connection_age_grace: every }
  const parameters = { max_connection_idle: every, ...age, time: every, timeout: every }
  const limits = {
    read_timeout: every,
    read_header_timeout: every,
    write_timeout: every,
    idle_timeout: every,
  }
  const gc = {
    min_gc_interval_when_soft_limited: every,
    min_gc_interval_when_hard_limited: every,
    max_gc_interval_when_soft_limited: every,
    max_gc_interval_when_hard_limited: every,
  }
  const retry = { initial_interval: every, max_interval: every, max_elapsed_time: 0 }
  const queue = { storage: 'file_storage', batch: { flush_timeout: every, min_size: 1 } }
  return {
    receivers: {
      otlp: {
        protocols: {
          grpc: {
            endpoint: '127.0.0.1:0',
            tls,
            keepalive: {
              server_parameters: parameters,
              enforcement_policy: { min_time: every },
            },
          },
          http: { endpoint: `127.0.0.1:${port}`, ...limits },
        },
      },
    },
    processors: {
      batch: { timeout: every, send_batch_size: 1 },
      memory_limiter: { check_interval: every, limit_mib: 100_000, ...gc },
    },
    exporters: {
      otlp_http: {
        endpoint: 'http://127.0.0.1:9',
        timeout: every,
        idle_conn_timeout: every,
        sending_queue: queue,
        retry_on_failure: retry,
      },
      otlp_grpc: {
        endpoint: '127.0.0.1:9',
        tls: { insecure: true },
        timeout: every,
        keepalive: { time: every, timeout: every },
        sending_queue: { ...queue, storage: '' },
        retry_on_failure: retry,
      },
      file: { path: join(folder, 'out'), flush_interval: every },
    },
    extensions: {
      health_check: { endpoint: '127.0.0.1:0', ...limits },
      file_storage: {
        directory: folder,
        timeout: every,
        compaction: { on_rebound: true, check_interval: every },
      },
    },
    service: {
      extensions: ['health_check', 'file_storage'],
      telemetry: { metrics: { level: 'none' } },
      pipelines: {
        traces: {
          receivers: ['otlp'],
          processors: ['memory_limiter', 'batch'],
          exporters: ['otlp_http', 'otlp_grpc', 'file'],
        },
      },
    },
  }
}

test('durations beyond what timers can hold are no busy loop, and no error', {
  timeout: 60_000,
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-durations-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const port = await freePort()
  const weir = launch(configuration('2000h', port, folder), port)
  await weir.says('Everything is ready.')
  assert.equal((await sendSpans(weir, 3)).status, 200)
  await weir.says('Exporting failed. Will retry the request after interval.')
  assert.equal(await weir.stop(), 0)
  assert.deepEqual(
    weir.lines.filter((line) => /TimeoutOverflow|RangeError|uncaught/i.test(line)),
    [],
  )
})
