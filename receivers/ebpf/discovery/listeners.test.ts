import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { listenersAround, portsHeld } from './listeners.ts'

const HEAD =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode'
const TIMES = '00000000:00000000 00:00000000 00000000     0        0'
const row = (local: string, state: string, inode: number) =>
  `   0: ${local} 00000000:0000 ${state} ${TIMES} ${inode} 1 0 100 0`

function procOf(t: TestContext, tables: Readonly<Record<string, readonly string[]>>): string {
  const proc = mkdtempSync(join(tmpdir(), 'weir-proc-'))
  t.after(() => rmSync(proc, { recursive: true }))
  mkdirSync(join(proc, '1/net'), { recursive: true })
  for (const [name, rows] of Object.entries(tables)) {
    writeFileSync(join(proc, '1/net', name), [HEAD, ...rows, ''].join('\n'))
  }
  return proc
}

test('sockets that listen, of both families, and their ports', (t) => {
  const proc = procOf(t, {
    tcp: [row('0100007F:1F90', '0A', 4711), row('0100007F:1F90', '01', 4712)],
    tcp6: [row(`${'0'.repeat(32)}:0050`, '0A', 4713)],
  })
  assert.deepEqual(listenersAround(1, proc), [
    { port: 8080, inode: '4711' },
    { port: 80, inode: '4713' },
  ])
})

test('a table longer than what is read at once', (t) => {
  const tcp = Array.from({ length: 3000 }, (_, i) => row('0100007F:1F90', '0A', i))
  const found = listenersAround(1, procOf(t, { tcp }))
  assert.deepEqual(
    found.map(({ inode }) => inode),
    tcp.map((_, i) => String(i)),
  )
})

test('a process that has ended holds nothing', (t) => {
  assert.deepEqual(listenersAround(2, procOf(t, {})), [])
})

test('what this process listens on is found among its connections', async (t) => {
  const server = createServer().listen(0, '127.0.0.1')
  t.after(() => server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  assert.ok(portsHeld(process.pid, listenersAround(process.pid)).has(address.port))
})
