/** Begins a protocol of the ebpf receiver: `npm run new:protocol NAME`. Its test fails until the parser knows a real message. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')

const USAGE = `usage: npm run new:protocol NAME
  NAME  small letters, digits and _`

const PARSE = `import { type Direction, NEED_MORE, type ParseResult } from '../../protocol.ts'

/** One message, or the part of it that was captured. */
export interface Frame {
  readonly bytes: number
}

/** Source: the specification, with its URL */
export function parseFrame(_direction: Direction, _bytes: Buffer): ParseResult<Frame> {
  return NEED_MORE
}
`

const test = (name: string) => `import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { parseFrame } from './parse.ts'

/** A recorded request, as hex; the classifier in bpf/classify/${name}.h is tested with the same file. */
const RECORDED = new URL(
  '../../../../../receivers/ebpf/protocols/${name}/testdata/request.hex',
  import.meta.url,
)

describe('${name} parseFrame', () => {
  test('a recorded request is a frame', () => {
    const bytes = Buffer.from(readFileSync(RECORDED, 'utf8').replaceAll(/\\s/g, ''), 'hex')
    assert.ok(bytes.length > 0, 'record a real request into testdata/request.hex')
    assert.equal(parseFrame('request', bytes).kind, 'frame')
  })
})
`

function begin(name: string): void {
  const folder = join(ROOT, 'receivers/ebpf/protocols', name)
  if (existsSync(folder)) throw new Error(`${folder} is there already`)
  mkdirSync(join(folder, 'testdata'), { recursive: true })
  writeFileSync(join(folder, 'parse.ts'), PARSE)
  writeFileSync(join(folder, 'parse.test.ts'), test(name))
  writeFileSync(join(folder, 'testdata/request.hex'), '')
  process.stdout.write(`${folder}
  next: npx tsc -p . && build/node/bin/node --test dist/receivers/ebpf/protocols/${name}/parse.test.js
  how: docs/adding-a-protocol.md\n`)
}

const [name] = process.argv.slice(2)
if (name === undefined || !/^[a-z][a-z0-9_]{0,30}$/.test(name)) {
  process.stderr.write(`${USAGE}\n`)
  process.exitCode = 2
} else {
  begin(name)
}
