import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { start } from '../protocols/started.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const WAIT_MS = 30_000

/** Every package that the bundle asks for by name has a part in the line of a span. */
const configOf = (port: number) =>
  JSON.stringify({
    receivers: {
      ebpf: {
        discovery: { instrument: [{ open_ports: String(port) }] },
        sampler: { name: 'traceidratio', arg: 1 },
      },
    },
    processors: {
      transform: {
        trace_statements: [
          `set(span.attributes["url.path"], Concat([${[
            'span.attributes["url.path"]',
            'UserAgent("curl/8.0.1")["user_agent.name"]',
            'GetXML("<a>xml</a>", "/a/text()")',
            'ExtractPatterns("regular", "(?P<found>r.*)")["found"]',
          ].join(', ')}], " "))`,
        ],
      },
    },
    exporters: { console: {} },
    service: {
      pipelines: {
        traces: { receivers: ['ebpf'], processors: ['transform'], exporters: ['console'] },
      },
      telemetry: { metrics: { level: 'none' } },
    },
  })

describe('what npm run pack packs, without the checkout', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-pack-'))
  const weir = join(folder, 'bin/weir')
  const run = (...args: string[]) => execFileSync(weir, args, { encoding: 'utf8', cwd: '/' })
  before(() => {
    execFileSync(process.execPath, ['scripts/pack.mjs', folder], { cwd: ROOT, stdio: 'ignore' })
  })
  after(() => rmSync(folder, { recursive: true }))

  test('tells its version, validates, and prints the docs of a component', () => {
    assert.match(run('--version'), /^weir version \d/)
    run('validate')
    assert.match(run('components', '--docs', 'batch'), /^# batch/)
  })

  test('reads a request through eBPF, with every package that it loads by name', async () => {
    const server = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const config = join(folder, 'agent.yaml')
    writeFileSync(config, configOf(port))
    const agent = await start(weir, ['run', '--config', config], 'Everything is ready', {
      cwd: '/',
    })
    try {
      let shown = ''
      const seen = new Promise<void>((resolve, reject) => {
        setTimeout(() => reject(new Error(`no span, but:\n${shown}`)), WAIT_MS).unref()
        agent.process.stdout?.on('data', (data: Buffer) => {
          shown += data.toString()
          if (/server .*GET \/packed curl xml regular/.test(shown)) resolve()
        })
      })
      await fetch(`http://127.0.0.1:${port}/packed`, { headers: { connection: 'close' } })
      await seen
    } finally {
      await agent.stop()
      server.close()
    }
  })
})
