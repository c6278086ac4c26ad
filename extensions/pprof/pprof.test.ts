import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { full } from '../../test/size.ts'
import { later, testContext } from '../../test/support/context.ts'
import { freePort } from '../../test/support/ports.ts'
import { encodeProfile } from './encode.ts'
import { pprof } from './factory.ts'

async function served(t: TestContext, more: object = {}) {
  const port = await freePort()
  const context = testContext('pprof')
  const settings = pprof.schema.parse({ endpoint: `127.0.0.1:${port}`, ...more })
  const extension = pprof.create(context.ctx, settings)
  await extension.start()
  t.after(() => extension.shutdown(later()))
  const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`)
  return { ...context, extension, get }
}

/** Work that a profile shows. */
function busyLoopOfTheTest(ms: number): number {
  let sum = 0
  for (const end = performance.now() + ms; performance.now() < end; ) sum += Math.sqrt(sum + 1)
  return sum
}

/** Half a second of the processor's time, most of it in `busyLoopOfTheTest`. */
async function busyProfile(t: TestContext): Promise<Buffer> {
  const { get } = await served(t)
  let isThere = false
  const answer = get('/debug/pprof/profile?seconds=0.5').finally(() => {
    isThere = true
  })
  while (!isThere) {
    busyLoopOfTheTest(20)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return Buffer.from(await (await answer).arrayBuffer())
}

describe('pprof', () => {
  test('a profile names the function that is busy', async (t) => {
    const text = gunzipSync(await busyProfile(t)).toString('latin1')
    assert.match(text, /busyLoopOfTheTest/)
    assert.match(text, /nanoseconds/)
  })

  if (full) {
    // Go builds the tool first.
    test('go tool pprof reads a profile', { timeout: 120_000 }, async (t) => {
      const directory = mkdtempSync(join(tmpdir(), 'weir-pprof-'))
      t.after(() => rmSync(directory, { recursive: true }))
      const file = join(directory, 'profile')
      writeFileSync(file, await busyProfile(t))
      const { stdout } = await promisify(execFile)('go', ['tool', 'pprof', '-top', file])
      assert.match(stdout, /^Type: cpu$/m)
      assert.match(stdout, /ms .*busyLoopOfTheTest$/m)
    })
  }

  test('a heap profile is one of bytes in use', async (t) => {
    const { get } = await served(t)
    const answer = await get('/debug/pprof/heap?seconds=0.1')
    const text = gunzipSync(Buffer.from(await answer.arrayBuffer())).toString('latin1')
    assert.match(text, /inuse_space/)
  })

  test('pages', async (t) => {
    const { get } = await served(t)
    assert.match(await (await get('/debug/pprof/')).text(), /go tool pprof/)
    assert.equal((await get('/debug/pprof/goroutine')).status, 404)
  })

  test('the whole run is saved at its end', async (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'weir-pprof-'))
    t.after(() => rmSync(directory, { recursive: true }))
    const file = join(directory, 'cpu.pprof')
    const { extension, lines } = await served(t, { save_to_file: file, mutex_profile_fraction: 1 })
    await extension.shutdown(later())
    assert.match(gunzipSync(readFileSync(file)).toString('latin1'), /nanoseconds/)
    assert.match(lines.join(), /mutex_profile_fraction change nothing/)
  })

  test('equal functions and lines are written once', () => {
    const frame = { functionName: 'f', file: 'a.js', line: 3 }
    const bytes = encodeProfile({
      types: [['samples', 'count']],
      period: 1,
      startMs: 1,
      durationMs: 1,
      samples: [
        { stack: [frame], values: [1] },
        { stack: [frame, frame], values: [300] },
      ],
    })
    // type; samples with locations 1, and 1 1 and 300 as a varint of two bytes; period type
    assert.equal(
      bytes.subarray(0, 26).toString('hex'),
      ['0a0408011002', '12060a010112 0101', '12080a0201011202ac02', '5a04']
        .join('')
        .replaceAll(' ', ''),
    )
  })
})
