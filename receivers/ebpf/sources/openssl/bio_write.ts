import type { ElfSymbol } from '../../../../native/elf.ts'
import { findCall, planCall } from '../../../../native/probe_points.ts'
import { type Memory, returnedAddress } from './read_points.ts'

/** Addresses in the function by which BIO_f_ssl writes. */
export interface BioWrite {
  /** `rdi` and `rsi` are SSL and buffer here, and `pointer` holds the count's address. */
  readonly arguments: number
  readonly pointer: 'rcx' | 'r8'
  /** `eax` above 0 means success here. */
  readonly result: number
}

/** Of struct bio_method_st, behind type and name: int (*bwrite)(BIO *, const char *, size_t, size_t *). */
const BWRITE = 16
const CODE_BYTES = 1024
const CALL = 0xe8
const CALL_BYTES = 5

/**
 * A program that writes by BIO_write calls neither SSL_write nor SSL_write_ex: BIO_f_ssl calls the function behind those, which SSL_write
 * shows. Undefined unless all of that is proved. Source: include/internal/bio.h, ssl/bio_ssl.c, OpenSSL 1.1.1 to 3.5.
 */
export function findBioWrite(
  image: Memory,
  symbols: ReadonlyMap<string, ElfSymbol>,
): BioWrite | undefined {
  const write = symbols.get('SSL_write')
  const table = returnedAddress(image, symbols.get('BIO_f_ssl'))
  if (write === undefined || table === undefined) return undefined
  const inner = innerWrite(image, write)
  const start = image.pointerAt(table + BWRITE)
  if (inner === undefined || start === undefined) return undefined
  const found = findCall(image.bytesAt(start, CODE_BYTES), inner.address - start)
  if (found === undefined) return undefined
  return { arguments: start + found.call, pointer: inner.pointer, result: start + found.result }
}

/** The function that SSL_write hands its arguments to, and where it takes the count's address. */
function innerWrite(image: Memory, { address, size }: ElfSymbol) {
  const code = image.bytesAt(address, size)
  const { mid } = planCall(code, 'none')
  if (mid === undefined || mid.pointer === 'none') return undefined
  const { offset } = mid.arguments
  if (code[offset] !== CALL) return undefined
  const end = offset + CALL_BYTES
  return { address: address + end + code.readInt32LE(end - 4), pointer: mid.pointer }
}
