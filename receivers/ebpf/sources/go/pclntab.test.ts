import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Image } from '../image.ts'
import { findGoFunctions } from './pclntab.ts'

const ADDRESS = 0x400000 // where the file is loaded
const TEXT = ADDRESS + 0x1000
const TABLE = 0x100
const MODULE = 0x300
const FILE_BYTES = 0x400

const NAMES = 0x60 // from here on in the table
const FUNCTIONS = 0x90
const READ = 'crypto/tls.(*Conn).Read'

/** How a table is written: the magic number, words of the header, and entries. */
interface Form {
  readonly magic: number
  readonly words: readonly number[]
  /** Of an entry, and of a function's address in what is told of it. */
  readonly entryBytes: 8 | 16
  readonly addressBytes: 4 | 8
  /** What entries count from. */
  readonly from: number
  readonly moduleText?: number
}

const forms: [name: string, form: Form][] = [
  [
    '1.16',
    {
      magic: 0xfffffffa,
      words: [2, 0, NAMES, FUNCTIONS, 0, 0, FUNCTIONS],
      entryBytes: 16,
      addressBytes: 8,
      from: 0,
    },
  ],
  [
    '1.18',
    {
      magic: 0xfffffff0,
      words: [2, 0, TEXT, NAMES, FUNCTIONS, 0, 0, FUNCTIONS],
      entryBytes: 8,
      addressBytes: 4,
      from: TEXT,
    },
  ],
  [
    '1.26',
    {
      magic: 0xfffffff1,
      words: [2, 0, 0, NAMES, FUNCTIONS, 0, 0, FUNCTIONS],
      entryBytes: 8,
      addressBytes: 4,
      from: TEXT,
      moduleText: TEXT,
    },
  ],
]

/** Two functions, of 0x40 and 0x80 bytes: the second is READ. */
function makeFile(form: Form): Buffer {
  const file = Buffer.alloc(FILE_BYTES)
  const put = (at: number, value: number, bytes: number) =>
    bytes === 8 ? file.writeBigUInt64LE(BigInt(value), at) : file.writeUInt32LE(value, at)
  put(32, 64, 8) // one program header: everything is loaded
  file.writeUInt16LE(1, 56)
  put(64, 1, 4)
  put(64 + 16, ADDRESS, 8)
  put(64 + 32, FILE_BYTES, 8)
  put(TABLE, form.magic, 4)
  file.set([1, 8], TABLE + 6)
  for (const [index, word] of form.words.entries()) put(TABLE + 8 + 8 * index, word, 8)
  file.write(`main.main\0${READ}\0`, TABLE + NAMES, 'latin1')
  const half = form.entryBytes / 2
  const told = 3 * form.entryBytes
  for (const [index, offset] of [0, 0x40, 0xc0].entries()) {
    const entry = TABLE + FUNCTIONS + index * form.entryBytes
    put(entry, TEXT + offset - form.from, half)
    if (index === 2) break
    put(entry + half, told + 16 * index, half)
    put(TABLE + FUNCTIONS + told + 16 * index + form.addressBytes, index * 'main.main\0'.length, 4)
  }
  if (form.moduleText !== undefined) put(MODULE + 176, form.moduleText, 8)
  return file
}

function find(file: Buffer, table = '.gopclntab') {
  const read = (offset: number, bytes: number) => file.subarray(offset, offset + bytes)
  const sections = new Map([
    [table, { offset: table === '.gopclntab' ? TABLE : 0, bytes: 0x200 }],
    ['.go.module', { offset: MODULE, bytes: 0x100 }],
  ])
  return findGoFunctions(new Image(read), read, sections, [READ, 'crypto/tls.(*Conn).Write'])
}

describe("functions by Go's own table", () => {
  for (const [name, form] of forms) {
    test(`as since ${name}`, async () => {
      const found = await find(makeFile(form))
      assert.deepEqual([...(found ?? [])], [[READ, { address: TEXT + 0x40, bytes: 0x80 }]])
    })
  }

  const [, newest] = forms.at(-1) as (typeof forms)[number]

  test('within a section that holds more', async () => {
    assert.equal((await find(makeFile(newest), '.data.rel.ro'))?.size, 1)
  })

  test('of an unknown kind, or absent', async () => {
    assert.equal(await find(makeFile({ ...newest, magic: 0xfffffff7 })), undefined)
    assert.equal(await find(makeFile(newest), '.text'), undefined)
  })

  test('every cut, and every byte changed, is taken', async () => {
    for (let at = 0; at < FILE_BYTES; at += 1) {
      const file = makeFile(newest)
      file[at] = 0xff
      await find(file)
      await find(makeFile(newest).subarray(0, at))
    }
  })
})
