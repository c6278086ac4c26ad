import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { freePort } from '../support/ports.ts'
import { sendSpans, startWeir } from './weir.ts'

const TIMEOUT = { timeout: 40_000 }
const run = promisify(execFile)
const telemetry = { metrics: { level: 'none' } }

/** What curl, as a probe of a pod might be, gets. */
async function curl(url: string): Promise<{ code: number; body: string; type: string }> {
  const format = '\n%{http_code} %{content_type}'
  const { stdout } = await run('curl', ['-s', '-w', format, url])
  const at = stdout.lastIndexOf('\n')
  const [code, ...type] = stdout.slice(at + 1).split(' ')
  return { code: Number(code), body: stdout.slice(0, at), type: type.join(' ') }
}

/** curl speaks HTTP/2, and a gRPC call is a POST of it: the answer's message, without its frame. */
function grpcCheck(port: number, service: string): { message: string; headers: string } {
  const request = Buffer.from(service === '' ? [] : [0x0a, service.length, ...Buffer.from(service)])
  const frame = Buffer.concat([Buffer.from([0, 0, 0, 0, request.length]), request])
  const url = `http://127.0.0.1:${port}/grpc.health.v1.Health/Check`
  const headers = ['-H', 'content-type: application/grpc', '-H', 'te: trailers']
  const argv = ['-s', '-v', '--http2-prior-knowledge', ...headers, '--data-binary', '@-', url]
  const { stdout, stderr } = spawnSync('curl', argv, { input: frame })
  return { message: stdout.subarray(5).toString('hex'), headers: String(stderr) }
}

interface Status {
  readonly healthy: boolean
  readonly status: string
  readonly error?: string
  readonly components?: Readonly<Record<string, Status>>
}

const SERVING = '0801'
const NOT_SERVING = '0802'

describe('health_check', () => {
  test('version 1: available while weir runs', TIMEOUT, async () => {
    const port = await freePort()
    const weir = await startWeir({
      telemetry,
      extensions: { health_check: { endpoint: `127.0.0.1:${port}` } },
    })
    try {
      const { code, body, type } = await curl(`http://127.0.0.1:${port}//any/path`)
      assert.deepEqual([code, type], [200, 'application/json'])
      const answer = JSON.parse(body)
      assert.equal(answer.status, 'Server available')
      assert.ok(Math.abs(Date.parse(answer.upSince) - Date.now()) < 20_000)
      assert.match(answer.uptime, /^[\d.]+m?s$/)
    } finally {
      assert.equal(await weir.stop(), 0)
    }
    await weir.says('Health Check state change')
  })

  test('version 1: a path and bodies of its own', TIMEOUT, async () => {
    const port = await freePort()
    const settings = {
      path: '/health/status',
      response_body: { healthy: 'fine', unhealthy: 'ill' },
    }
    const weir = await startWeir({
      telemetry,
      extensions: { health_check: { endpoint: `127.0.0.1:${port}`, ...settings } },
    })
    try {
      const found = await curl(`http://127.0.0.1:${port}/health/status`)
      assert.deepEqual([found.code, found.body], [200, 'fine'])
      assert.equal((await curl(`http://127.0.0.1:${port}/`)).code, 404)
    } finally {
      await weir.stop()
    }
  })

  test('version 2: a backend that is down is seen, and seen to recover', TIMEOUT, async () => {
    const [port, grpcPort] = [await freePort(), await freePort()]
    let broken = true
    const backend = createServer((request, response) => {
      request.resume().on('end', () => response.writeHead(broken ? 503 : 200).end())
    }).listen(0, '127.0.0.1')
    await once(backend, 'listening')
    const address = backend.address()
    assert.ok(typeof address === 'object' && address !== null)
    const weir = await startWeir({
      telemetry,
      endpoint: `http://127.0.0.1:${address.port}`,
      exporter: { retry_on_failure: { initial_interval: '50ms', max_interval: '50ms' } },
      extensions: {
        healthcheckv2: {
          use_v2: true,
          component_health: { include_recoverable_errors: true, recovery_duration: '100ms' },
          http: { endpoint: `127.0.0.1:${port}`, config: { enabled: true } },
          grpc: { endpoint: `127.0.0.1:${grpcPort}` },
        },
      },
    })
    const status = async (query: string) => {
      const { code, body } = await curl(`http://127.0.0.1:${port}/status${query}`)
      return { code, answer: JSON.parse(body) as Status }
    }
    const until = async (code: number) => {
      while ((await status('')).code !== code) await sleep(50)
    }
    try {
      const fine = await status('?verbose')
      assert.deepEqual([fine.code, fine.answer.status], [200, 'StatusOK'])
      const parts = fine.answer.components?.['pipeline:traces']?.components ?? {}
      assert.deepEqual(Object.keys(parts), [
        'exporter:otlp_http',
        'processor:batch',
        'receiver:otlp',
      ])
      assert.equal(grpcCheck(grpcPort, '').message, SERVING)
      await sendSpans(weir, 1)
      await until(500)
      assert.equal(grpcCheck(grpcPort, 'traces').message, NOT_SERVING)
      assert.match(grpcCheck(grpcPort, 'logs').headers, /grpc-status: 5/)
      const ill = (await status('?pipeline=traces&verbose')).answer
      assert.deepEqual([ill.healthy, ill.status], [false, 'StatusRecoverableError'])
      assert.match(ill.components?.['exporter:otlp_http']?.error ?? '', /503/)
      assert.equal(ill.components?.['receiver:otlp']?.status, 'StatusOK')
      broken = false
      await until(200)
      assert.equal((await status('')).answer.components, undefined)
      assert.equal((await curl(`http://127.0.0.1:${port}/status?pipeline=logs`)).code, 404)
      const config = await curl(`http://127.0.0.1:${port}/config`)
      assert.deepEqual(Object.keys(JSON.parse(config.body).exporters), ['otlp_http'])
    } finally {
      assert.equal(await weir.stop(), 0)
      backend.close()
    }
  })
})
