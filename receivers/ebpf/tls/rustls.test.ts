import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { rustlsIn } from './rustls.ts'

const HEADER_BYTES = 64
const NAMES = '\0.comment\0.rodata\0.shstrtab\0'
const PIECE_BYTES = 256 << 10

/** An ELF file of these sections alone. */
function elf(comment: string, constants: string): Buffer {
  const contents = ['', comment, constants, NAMES]
  const names = ['', '.comment', '.rodata', '.shstrtab']
  const table = Buffer.alloc(contents.length * HEADER_BYTES)
  let at = HEADER_BYTES
  for (const [i, content] of contents.entries()) {
    const entry = i * HEADER_BYTES
    table.writeUInt32LE(i === 0 ? 0 : NAMES.indexOf(`${names[i]}\0`), entry)
    table.writeUInt32LE(i === 0 ? 0 : 1, entry + 4)
    table.writeBigUInt64LE(BigInt(at), entry + 24)
    table.writeBigUInt64LE(BigInt(content.length), entry + 32)
    at += content.length
  }
  const header = Buffer.alloc(HEADER_BYTES)
  header.write('\x7fELF\x02\x01\x01', 'latin1')
  header.writeBigUInt64LE(BigInt(at), 40)
  header.writeUInt16LE(HEADER_BYTES, 58)
  header.writeUInt16LE(contents.length, 60)
  header.writeUInt16LE(contents.length - 1, 62)
  return Buffer.concat([header, Buffer.from(contents.join(''), 'latin1'), table])
}

const RUST = 'rustc version 1.98.1 (48a229cea 2026-09-01)'
const SOURCE = '/cargo/registry/src/index/rustls-0.23.44/src/client/tls13.rs'

describe('rustls in a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-rustls-'))
  after(() => rmSync(folder, { recursive: true }))

  const files: [name: string, bytes: Buffer, want: string | undefined][] = [
    ['by the path of its source', elf(RUST, `..${SOURCE}..`), '0.23.44'],
    ['where two pieces meet', elf(RUST, '.'.repeat(PIECE_BYTES - 50) + SOURCE), '0.23.44'],
    [
      'another crate of the same name',
      elf(RUST, SOURCE.replace('rustls-', 'rustls-pki-')),
      undefined,
    ],
    ['a file that rustc did not make', elf('GCC: 12.2.0', SOURCE), undefined],
    ['no ELF file', Buffer.from(SOURCE), undefined],
  ]
  for (const [i, [name, bytes, want]] of files.entries()) {
    test(name, () => {
      const path = join(folder, String(i))
      writeFileSync(path, bytes)
      assert.equal(rustlsIn(path), want)
      assert.equal(rustlsIn(path), want, 'the second time')
    })
  }

  test('no file', () => assert.equal(rustlsIn(join(folder, 'none')), undefined))
})
