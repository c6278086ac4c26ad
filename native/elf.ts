import { addon } from './addon.ts'
import { checkText } from './check.ts'

/** What an ELF file says of itself. */
export interface ElfInfo {
  /** 'x86-64', 'arm64', or 'other'. */
  readonly machine: ElfMachine
  /** An executable at fixed addresses, or a shared object: a library, or an executable that is moved at start. */
  readonly type: 'exec' | 'dyn' | 'other'
  /** NT_GNU_BUILD_ID in hexadecimal, '' when there is none. */
  readonly buildId: string
  /** The dynamic linker; '' in libraries and static executables. */
  readonly interpreter: string
  /** Libraries that must be loaded with it, as DT_NEEDED names them. */
  readonly needed: readonly string[]
}

export type ElfMachine = 'x86-64' | 'arm64' | 'other'

/** A defined symbol that lies in the file. */
export interface ElfSymbol {
  readonly name: string
  readonly address: number
  /** Of its first byte in the file: where a uprobe is attached. */
  readonly offset: number
  /** Bytes; 0 when the compiler did not say. */
  readonly size: number
  readonly type: 'func' | 'object' | 'ifunc' | 'other'
  readonly table: 'dynsym' | 'symtab'
}

const MACHINES: Readonly<Record<number, ElfMachine>> = { 62: 'x86-64', 183: 'arm64' }
const FILE_TYPES: Readonly<Record<number, ElfInfo['type']>> = { 2: 'exec', 3: 'dyn' }
const SYMBOL_TYPES: Readonly<Record<number, ElfSymbol['type']>> = {
  1: 'object',
  2: 'func',
  10: 'ifunc',
}

/**
 * Reads the headers of a 64-bit little-endian ELF file, in a thread of the pool. Rejects with `errno` and `code`: ENOEXEC for
 * any other file. Source: https://gabi.xinuos.com/
 */
export async function readElfInfo(path: string): Promise<ElfInfo> {
  checkText('path', path)
  const info = await addon.elfInfo(path)
  return {
    ...info,
    machine: MACHINES[info.machine] ?? 'other',
    type: FILE_TYPES[info.type] ?? 'other',
  }
}

/**
 * Finds the symbols of these names, those of .dynsym first, then what .symtab adds, in no further order. A name may be missing, or
 * there more than once. The tables stream by, whatever their size; rejects as `readElfInfo` does.
 */
export async function findElfSymbols(path: string, names: readonly string[]): Promise<ElfSymbol[]> {
  checkText('path', path)
  for (const name of names) checkText('names', name)
  const symbols = await addon.elfSymbols(path, names)
  return symbols.map(({ dynamic, type, ...symbol }) => ({
    ...symbol,
    type: SYMBOL_TYPES[type] ?? 'other',
    table: dynamic ? 'dynsym' : 'symtab',
  }))
}
