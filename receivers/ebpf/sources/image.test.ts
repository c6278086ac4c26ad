import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Image } from './image.ts'

const ADDRESS = 0x10000 // where the file is loaded
const DYNAMIC = 0x200
const RELOCATIONS = 0x300

/** A file whose every byte is loaded: two program headers, a dynamic section, two relocations, and data. */
function makeFile(): Buffer {
  const file = Buffer.alloc(0x400)
  file.writeBigUInt64LE(64n, 32)
  file.writeUInt16LE(2, 56)
  const segment = (at: number, type: number, offset: number, bytes: number) => {
    file.writeUInt32LE(type, at)
    file.writeBigUInt64LE(BigInt(offset), at + 8)
    file.writeBigUInt64LE(BigInt(ADDRESS + offset), at + 16)
    file.writeBigUInt64LE(BigInt(bytes), at + 32)
  }
  segment(64, 1, 0, file.length)
  segment(120, 2, DYNAMIC, 32)
  const words = (at: number, ...values: number[]) => {
    for (const [index, value] of values.entries())
      file.writeBigUInt64LE(BigInt(value), at + 8 * index)
  }
  words(DYNAMIC, 7, ADDRESS + RELOCATIONS, 8, 48)
  words(RELOCATIONS, ADDRESS + 0x100, 8, 0x1234, ADDRESS + 0x108, 6, 0x5678)
  words(0x110, 0x4321)
  return file
}

const imageOf = (file: Buffer) =>
  new Image((offset, bytes) => file.subarray(offset, offset + bytes))

const pointers: [name: string, address: number, want: number | undefined][] = [
  ['that the dynamic linker writes', ADDRESS + 0x100, 0x1234],
  ['by a relocation that needs a symbol', ADDRESS + 0x108, undefined],
  ['that the file holds', ADDRESS + 0x110, 0x4321],
  ['that nothing writes', ADDRESS + 0x118, undefined],
  ['outside of what is loaded', 0x100, undefined],
]

describe('image of an ELF file', () => {
  for (const [name, address, want] of pointers) {
    test(`pointer ${name}`, () => assert.equal(imageOf(makeFile()).pointerAt(address), want))
  }
  test('every cut, and every byte changed, is taken', () => {
    for (let at = 0; at < 0x360; at++) {
      const file = makeFile()
      file[at] = 0xff
      assert.doesNotThrow(() => imageOf(file).pointerAt(ADDRESS + 0x100))
      assert.doesNotThrow(() => imageOf(file.subarray(0, at)).pointerAt(ADDRESS + 0x100))
    }
  })
})
