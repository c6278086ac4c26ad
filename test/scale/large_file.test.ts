import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { executableMiB } from '../size.ts'

const INSPECT = fileURLToPath(new URL('./inspect.js', import.meta.url))
const MIB = 1 << 20
const PEAK_MIB = 20
const HEADER = 64
const SEGMENT = 56
const SECTION = 64
/** Where the symbols begin. */
const DATA = 128
const SYMBOL = 24
const PT_LOAD = 1
const SHT_SYMTAB = 2
const SHT_STRTAB = 3
/** The last of all names, so that every other one is looked at. */
const LAST = Buffer.from('SSL_read\0')

/** A header of an ELF file with these sections at its end, all of which is loaded. */
function header(sectionsAt: number): Buffer {
  const bytes = Buffer.alloc(HEADER + SEGMENT)
  bytes.write('\x7fELF\x02\x01\x01', 'latin1')
  bytes.writeUInt16LE(3, 16)
  bytes.writeUInt16LE(62, 18)
  bytes.writeUInt32LE(1, 20)
  bytes.writeBigUInt64LE(BigInt(HEADER), 32)
  bytes.writeBigUInt64LE(BigInt(sectionsAt), 40)
  bytes.writeUInt16LE(HEADER, 52)
  bytes.writeUInt16LE(SEGMENT, 54)
  bytes.writeUInt16LE(1, 56)
  bytes.writeUInt16LE(SECTION, 58)
  bytes.writeUInt16LE(3, 60)
  bytes.writeUInt32LE(PT_LOAD, HEADER)
  bytes.writeUInt32LE(5, HEADER + 4)
  bytes.writeBigUInt64LE(BigInt(sectionsAt), HEADER + 32)
  bytes.writeBigUInt64LE(BigInt(sectionsAt), HEADER + 40)
  return bytes
}

function section(type: number, offset: number, size: number, link: number): Buffer {
  const bytes = Buffer.alloc(SECTION)
  bytes.writeUInt32LE(type, 4)
  bytes.writeBigUInt64LE(BigInt(offset), 24)
  bytes.writeBigUInt64LE(BigInt(size), 32)
  bytes.writeUInt32LE(link, 40)
  bytes.writeBigUInt64LE(1n, 48)
  bytes.writeBigUInt64LE(BigInt(type === SHT_SYMTAB ? SYMBOL : 0), 56)
  return bytes
}

/** Nothing but symbols and their names, half of the file each. */
function writeExecutable(path: string, bytes: number): void {
  const symbols = Math.floor(bytes / 2 / SYMBOL)
  const names = symbols * SYMBOL
  const fd = openSync(path, 'w')
  const at = (offset: number, what: Buffer) => writeSync(fd, what, 0, what.length, offset)
  const block = Buffer.alloc(SYMBOL * 4096)
  for (let from = 0; from < symbols; from += 4096) {
    const some = Math.min(4096, symbols - from)
    for (let i = 0; i < some; i++) {
      const last = from + i === symbols - 1
      block.writeUInt32LE(
        last ? names - LAST.length : ((from + i) * SYMBOL) % (names - 64),
        i * SYMBOL,
      )
      block.writeUInt8(0x12, i * SYMBOL + 4)
      block.writeUInt16LE(1, i * SYMBOL + 6)
      block.writeBigUInt64LE(BigInt(DATA), i * SYMBOL + 8)
    }
    at(DATA + from * SYMBOL, block.subarray(0, some * SYMBOL))
  }
  const text = Buffer.alloc(MIB, 'a_name_of_20_bytes__\0')
  for (let from = 0; from < names; from += MIB) {
    at(DATA + names + from, text.subarray(0, Math.min(MIB, names - from)))
  }
  at(DATA + 2 * names - LAST.length - 1, Buffer.concat([Buffer.from([0]), LAST]))
  at(DATA + 2 * names, section(0, 0, 0, 0))
  at(DATA + 2 * names + SECTION, section(SHT_SYMTAB, DATA, names, 2))
  at(DATA + 2 * names + 2 * SECTION, section(SHT_STRTAB, DATA + names, names, 0))
  at(0, header(DATA + 2 * names))
  closeSync(fd)
}

describe('memory that looking into an executable takes', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'weir-large-'))
  })
  after(() => rmSync(folder, { recursive: true }))

  const inspect = (path: string) => {
    const text = execFileSync(process.execPath, [INSPECT, path], { encoding: 'utf8' })
    return JSON.parse(text) as { readonly symbols: readonly string[]; readonly peakMiB: number }
  }

  test(`${executableMiB} MiB of symbols`, (t) => {
    const path = join(folder, 'large')
    writeExecutable(path, executableMiB * MIB)
    const { symbols, peakMiB } = inspect(path)
    t.diagnostic(`${peakMiB.toFixed(1)} MiB`)
    assert.deepEqual(symbols, ['SSL_read'])
    assert.ok(peakMiB < PEAK_MIB, `${peakMiB} MiB`)
  })

  test('Node itself', (t) => {
    const { symbols, peakMiB } = inspect(process.execPath)
    t.diagnostic(`${peakMiB.toFixed(1)} MiB`)
    assert.ok(symbols.includes('SSL_read'))
    assert.ok(peakMiB < PEAK_MIB, `${peakMiB} MiB`)
  })
})
