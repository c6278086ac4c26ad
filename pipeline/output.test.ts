import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, describe, mock, test } from 'node:test'
import { later } from '../test/support/context.ts'
import { Output } from './output.ts'

function outputOf(write: (bytes: Uint8Array) => number, maxBytes = 1000) {
  const seen = { dropped: 0, closed: [] as string[] }
  const output = new Output({
    open: () => ({ write, close: () => undefined }),
    maxBytes,
    onDropped: (lines) => {
      seen.dropped += lines
    },
    onClosed: (error) => seen.closed.push(error.message),
  })
  output.open()
  return { output, seen }
}

const failure = (code: string) => Object.assign(new Error(code), { code })

describe('Output', () => {
  test('writes on where a short write has ended', async () => {
    let text = ''
    const { output } = outputOf((bytes) => {
      text += Buffer.from(bytes.subarray(0, 3)).toString()
      return Math.min(3, bytes.length)
    })
    output.write('hello world\n')
    await output.close(later())
    assert.equal(text, 'hello world\n')
  })

  test('waits for a reader that is slow, and drops beyond the bound', async () => {
    mock.timers.enable({ apis: ['setTimeout'] })
    let full = true
    let text = ''
    const { output, seen } = outputOf((bytes) => {
      if (full) throw failure('EAGAIN')
      text += Buffer.from(bytes).toString()
      return bytes.length
    }, 10)
    output.write('12345\n')
    output.write('too much\n')
    assert.deepEqual([text, seen.dropped], ['', 1])
    full = false
    mock.timers.tick(20)
    assert.equal(text, '12345\n')
    mock.timers.reset()
    await output.close(later())
  })

  test('a reader that is gone is said once, and everything after it dropped', () => {
    const { output, seen } = outputOf(() => {
      throw failure('EPIPE')
    })
    output.write('a\n')
    output.write('b\n')
    assert.deepEqual(seen, { dropped: 2, closed: ['EPIPE'] })
  })

  test('at the deadline what was not read is dropped', async () => {
    const { output, seen } = outputOf(() => {
      throw failure('EAGAIN')
    })
    output.write('a\n')
    await output.close(AbortSignal.abort())
    assert.equal(seen.dropped, 1)
  })
})

describe('openOutput', () => {
  const module = path.join(import.meta.dirname, 'output.js')
  const program = `import { openOutput } from ${JSON.stringify(module)}; const out = openOutput(1);`

  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'weir-output-'))
  after(() => fs.rmSync(directory, { recursive: true }))

  test('appends to a file that the shell has opened, and others beside it', () => {
    const file = path.join(directory, 'out')
    const script = `${program} console.log('one'); out.write(Buffer.from('two\\n')); console.error('three')`
    execFileSync('sh', [
      '-c',
      '"$0" --input-type=module -e "$1" > "$2" 2>&1',
      process.execPath,
      script,
      file,
    ])
    assert.equal(fs.readFileSync(file, 'utf8'), 'one\ntwo\nthree\n')
  })

  test('a pipe that nobody reads does not block', () => {
    const script = `${program}
      let code; try { for (;;) out.write(Buffer.alloc(4096, 10)) } catch (error) { code = error.code }
      process.stderr.write(code); process.exit(0)`
    const fifo = path.join(directory, 'fifo')
    execFileSync('mkfifo', [fifo])
    // The shell holds the other end open and never reads.
    const shell = 'exec 4<>"$2"; "$0" --input-type=module -e "$1" 2>&1 >&4'
    const code = execFileSync('sh', ['-c', shell, process.execPath, script, fifo]).toString()
    assert.equal(code, 'EAGAIN')
  })
})
