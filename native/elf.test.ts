import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { ADDON } from './addon.ts'
import { findElfSymbols, readElfInfo } from './elf.ts'

const folder = mkdtempSync(join(tmpdir(), 'weir-elf-'))
after(() => rmSync(folder, { recursive: true }))

/** A file with these bytes. */
function file(bytes: Uint8Array): string {
  const path = join(folder, 'file')
  writeFileSync(path, bytes)
  return path
}

describe('readElfInfo', () => {
  test('an executable', async () => {
    const info = await readElfInfo(process.execPath)
    assert.equal(info.machine, process.arch === 'x64' ? 'x86-64' : process.arch)
    assert.match(info.interpreter, /ld-linux/)
    assert.ok(info.needed.includes('libc.so.6'), info.needed.join(' '))
  })

  test('a library, with the build id that its note holds', async () => {
    const info = await readElfInfo(ADDON)
    assert.equal(info.type, 'dyn')
    assert.equal(info.interpreter, '')
    assert.match(info.buildId, /^[0-9a-f]{40}$/)
    assert.ok(readFileSync(ADDON).includes(Buffer.from(info.buildId, 'hex')))
  })

  const refused: [name: string, path: () => string, code: string][] = [
    ['no such file', () => join(folder, 'none'), 'ENOENT'],
    ['a folder', () => folder, 'ENOEXEC'],
    ['a device', () => '/dev/zero', 'ENOEXEC'],
    ['an empty file', () => file(Buffer.alloc(0)), 'ENOEXEC'],
    ['text', () => file(Buffer.from('#!/bin/sh\n')), 'ENOEXEC'],
    ['32 bits', () => file(Buffer.from(`7f454c460101010000${'00'.repeat(64)}`, 'hex')), 'ENOEXEC'],
    [
      'big endian',
      () => file(Buffer.from(`7f454c460202010000${'00'.repeat(64)}`, 'hex')),
      'ENOEXEC',
    ],
  ]
  for (const [name, path, code] of refused) {
    test(`${name}: ${code}`, () => assert.rejects(readElfInfo(path()), { code }))
  }
})

describe('findElfSymbols', () => {
  test('gives the place in the file', async () => {
    const symbols = await findElfSymbols(ADDON, ['napi_register_module_v1', 'no_such_symbol'])
    const [symbol] = symbols
    assert.equal(symbols.length, 1)
    assert.equal(symbol?.name, 'napi_register_module_v1')
    assert.deepEqual([symbol?.type, symbol?.table], ['func', 'dynsym'])
    assert.ok(symbol && symbol.size > 0 && symbol.offset <= symbol.address)
  })

  test('leaves out what the file only refers to', async () => {
    assert.deepEqual(await findElfSymbols(ADDON, ['bpf_object__open_file', 'malloc']), [])
  })

  test('finds a name that is the end of another, and no part of a name', async () => {
    const libc =
      / (\/\S*\/libc\.so\.6)$/m.exec(readFileSync('/proc/self/maps', 'latin1'))?.[1] ?? ''
    const symbols = await findElfSymbols(libc, ['puts', 'fputs', 'fput', 'ts'])
    assert.deepEqual(new Set(symbols.map(({ name }) => name)), new Set(['puts', 'fputs']))
  })
})

test('a cut or damaged file gives an answer or an error, and nothing else', async () => {
  const whole = readFileSync(ADDON)
  const symbols = ['napi_register_module_v1']
  const outcomes = new Set<string>()
  const read = async (bytes: Uint8Array) => {
    const path = file(bytes)
    await Promise.all([readElfInfo(path), findElfSymbols(path, symbols)]).then(
      () => outcomes.add('answer'),
      (error) => outcomes.add(error.code),
    )
  }
  for (let end = 0; end < 1024; end += 8) await read(whole.subarray(0, end))
  for (let part = 1; part < 16; part++) await read(whole.subarray(0, (whole.length * part) >> 4))
  const head = whole.subarray(0, 64 + 56 * 12)
  for (let at = 16; at < head.length; at += 4) {
    const damaged = Buffer.from(whole.subarray(0, 65536))
    damaged.writeUInt32LE(0xfffffff0, at)
    await read(damaged)
  }
  assert.deepEqual([...outcomes].sort(), ['ENOEXEC', 'answer'])
})
