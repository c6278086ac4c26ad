import assert from 'node:assert/strict'
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { freePort } from '../support/ports.ts'
import { type Certificate, makeCertificate } from '../truth/programs.ts'
import { openTap, type Tap } from './tls_tap.ts'

const run = promisify(execFile)
const CLOSE_NOTIFY = fileURLToPath(new URL('../../../test/kernel/close_notify.py', import.meta.url))
const SERVER = 1
const CLIENT = 2
const END_IN = 2

/** Resolves once the program has written this. */
async function says(child: ChildProcess, text: string): Promise<void> {
  let said = ''
  for await (const chunk of child.stdout ?? []) {
    said += String(chunk)
    if (said.includes(text)) return
  }
  throw new Error(`ended without ${text}: ${said}`)
}

describe('OpenSSL, first and last bytes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-openssl-'))
  let certificate: Certificate
  let tap: Tap

  before(async () => {
    certificate = await makeCertificate(folder)
    tap = await openTap()
  })
  after(() => {
    tap.close()
    rmSync(folder, { recursive: true })
  })

  test('close_notify ends the response, though both sockets stay open', async () => {
    const { cert, key } = certificate
    const path = `/until-the-end-${process.pid}`
    const child = spawn('python3', [CLOSE_NOTIFY, cert, key, path], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const [port] = (await once(child.stdout, 'data')) as [Buffer]
    const records = tap.take()
    const exited = once(child, 'exit')
    child.stdin.end()
    await exited
    const asked = records.filter(
      ({ role, localPort }) => role === CLIENT && localPort === +`${port}`,
    )
    assert.ok(asked.some(({ text }) => text.startsWith(`GET ${path} `)))
    const ends = asked.filter(({ type }) => type === 'end').map(({ reason }) => reason)
    assert.deepEqual(ends, [END_IN])
  })

  test('early data: a request that comes with the handshake, on both sides', {
    timeout: 20_000,
  }, async () => {
    const port = await freePort()
    const path = `/early-${process.pid}`
    const [session, request] = [join(folder, 'session'), join(folder, 'request')]
    writeFileSync(request, `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`)
    const { cert, key } = certificate
    const serverArgs = ['s_server', '-accept', `${port}`, '-cert', cert, '-key', key]
    const server = spawn('openssl', [...serverArgs, '-tls1_3', '-early_data'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    // The end of its input ends the client.
    const client = (input: string, ...args: readonly string[]) => {
      const command = `${input} | openssl s_client -connect 127.0.0.1:${port} ${args.join(' ')}`
      return run('sh', ['-c', command])
    }
    try {
      await says(server, 'ACCEPT')
      // The session's ticket comes after the handshake.
      await client(`until [ -s ${session} ]; do sleep 0.1; done`, '-sess_out', session)
      tap.take()
      await client('sleep 1', '-sess_in', session, '-early_data', request)
      const roles = new Set<number>()
      while (roles.size < 2) {
        const records = tap.take().filter(({ text }) => text.includes(path))
        for (const { role, text } of records) {
          assert.equal(text.split(path).length, 2, `more than once: ${text}`)
          roles.add(role)
        }
        await setImmediate()
      }
      assert.deepEqual(roles, new Set([SERVER, CLIENT]))
    } finally {
      server.kill()
    }
  })
})
