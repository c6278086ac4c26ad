import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ElfSymbol } from '../../../../native/elf.ts'
import type { Memory } from './read_points.ts'

const TESTDATA = fileURLToPath(
  new URL('../../../../../receivers/ebpf/sources/openssl/testdata/', import.meta.url),
)

export interface Build {
  readonly symbols: Map<string, ElfSymbol>
  readonly code: Map<number, Buffer>
  readonly pointers: Map<number, number>
}

/** The functions and table entries of a real build that lead to where it is probed, with their addresses. */
export function readBuild(name: string): Build {
  const build: Build = { symbols: new Map(), code: new Map(), pointers: new Map() }
  for (const line of readFileSync(`${TESTDATA}${name}.hex`, 'utf8').trimEnd().split('\n')) {
    const [kind, first = '', second = '', third = '0'] = line.split(' ')
    const address = Number.parseInt(kind === 'symbol' ? second : first, 16)
    if (kind === 'code') build.code.set(address, Buffer.from(second, 'hex'))
    if (kind === 'pointer') build.pointers.set(address, Number.parseInt(second, 16))
    if (kind === 'symbol') build.symbols.set(first, symbolAt(first, address, Number(third)))
  }
  return build
}

const symbolAt = (name: string, address: number, size: number): ElfSymbol => ({
  name,
  address,
  offset: address,
  size,
  type: 'func',
  table: 'dynsym',
})

export const memoryOf = ({ code, pointers }: Build): Memory => ({
  bytesAt: (address, bytes) => code.get(address)?.subarray(0, bytes) ?? Buffer.alloc(0),
  pointerAt: (address) => pointers.get(address),
})

/** In all the code of a build, by hexadecimal digits. */
export const replaceCode = (build: Build, from: string, to: string): void => {
  for (const [address, code] of build.code) {
    const text = code.toString('hex').replaceAll(from, to)
    build.code.set(address, Buffer.from(text, 'hex'))
  }
}
