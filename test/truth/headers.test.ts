import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http2'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { tracesCodec } from '../../pipeline/codec/signal_codec.ts'
import { attribute } from '../../pipeline/data/attributes.ts'
import type { Span } from '../../pipeline/data/traces.ts'
import { valueText } from '../../pipeline/data/value_text.ts'
import { readTaken, startBackend } from '../support/otlp_backend.ts'
import { freePort } from '../support/ports.ts'
import { startWeir } from './agent.ts'
import { startNginx } from './nginx.ts'

const run = promisify(execFile)
const TIMEOUT = { timeout: 60_000 }
const PATH = '/r/headers/small'

test(
  'nginx, Node over HTTP/2, and curl: spans show the headers that are named',
  TIMEOUT,
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'weir-headers-'))
    const server = await startNginx(folder)
    const http2Server = createServer((_, response) => {
      response.writeHead(200, { 'X-Path': PATH, 'Content-Type': 'text/plain' }).end()
    })
    const http2Port = await freePort()
    await new Promise<void>((resolve) => http2Server.listen(http2Port, '127.0.0.1', resolve))
    const sink = await startBackend()
    const http = {
      request_headers: ['X-Tenant', 'authorization'],
      response_headers: ['x-path', 'Content-Type'],
    }
    const agent = await startWeir(
      JSON.stringify({
        receivers: { ebpf: { http } },
        exporters: { otlp_http: { endpoint: sink.endpoint, compression: 'none' } },
        service: {
          pipelines: { traces: { receivers: ['ebpf'], exporters: ['otlp_http'] } },
          telemetry: { metrics: { level: 'none' } },
        },
      }),
    )
    const textOf = ({ attributes }: Span, key: string) => {
      const value = attribute(attributes, key)
      return value === undefined ? '' : valueText(value)
    }
    const ports = [server.port, http2Port].map(String)
    const spans = () =>
      sink.taken
        .flatMap((one) => readTaken(tracesCodec, one))
        .flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans))
        .filter((span) => ports.includes(textOf(span, 'server.port')))
    try {
      const headers = [
        '-H',
        'X-Tenant: a',
        '-H',
        'x-tenant: b',
        '-H',
        'Authorization: Bearer SECRET',
      ]
      await run('curl', ['-s', '-o', '/dev/null', ...headers, server.base + PATH])
      const url = `http://127.0.0.1:${http2Port}${PATH}`
      await run('curl', ['-s', '-o', '/dev/null', '--http2-prior-knowledge', ...headers, url])
      for (let i = 0; i < 250 && spans().length < 4; i++) await sleep(100)
    } finally {
      assert.equal(await agent.stop(), 0)
      sink.close()
      http2Server.close()
      await server.stop()
      rmSync(folder, { recursive: true })
    }
    const versions = spans().map((span) => textOf(span, 'network.protocol.version'))
    assert.deepEqual(versions.sort(), ['1.1', '1.1', '2', '2'])
    for (const span of spans()) {
      assert.deepEqual(
        ['request.header.x-tenant', 'request.header.authorization', 'response.header.x-path'].map(
          (key) => textOf(span, `http.${key}`),
        ),
        ['["a","b"]', '["REDACTED"]', `["${PATH}"]`],
      )
      assert.match(textOf(span, 'http.response.header.content-type'), /^\["[a-z]+\//)
      assert.doesNotMatch(JSON.stringify(span), /SECRET/)
    }
  },
)
