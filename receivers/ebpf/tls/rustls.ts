import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { readSections } from '../discovery/elf_sections.ts'
import { remember } from '../remember.ts'

/**
 * Where the source of rustls was when it was compiled, which its messages of panics name, symbols or not: in the registry's folder
 * `rustls-0.23.44/src/`. rustls-native-certs and the like are no rustls.
 */
const SOURCE = /\/rustls-(\d[\w.+-]*)\/src\//
/** Longer than what is looked for. */
const OVERLAP_BYTES = 64
const PIECE_BYTES = 256 << 10
/** Of constants; a program of 100 MiB has 20 of them. */
const CONSTANTS_MAX = 64 << 20
const COMMENT_MAX = 4 << 10
const KNOWN_MAX = 512

/** By file: each is read once. */
const known = new Map<string, string | undefined>()

/** The version of rustls that is linked into a file which rustc has made; undefined if there is none, or no such file. */
export function rustlsIn(path: string): string | undefined {
  let fd = -1
  try {
    fd = openSync(path, 'r')
    const { dev, ino, size, mtimeMs } = fstatSync(fd)
    const key = `${dev}:${ino}:${size}:${mtimeMs}`
    if (!known.has(key)) remember(known, key, find(fd), KNOWN_MAX)
    return known.get(key)
  } catch {
    return undefined // it has ended, or the file is not to be read
  } finally {
    if (fd >= 0) closeSync(fd)
  }
}

function find(fd: number): string | undefined {
  const read = (offset: number, bytes: number): Buffer => {
    const into = Buffer.alloc(bytes)
    return into.subarray(0, readSync(fd, into, 0, bytes, offset))
  }
  const sections = readSections(read)
  const comment = sections.get('.comment')
  const constants = sections.get('.rodata')
  if (comment === undefined || constants === undefined) return undefined
  const maker = read(comment.offset, Math.min(comment.bytes, COMMENT_MAX))
  if (!maker.includes('rustc version')) return undefined
  const end = constants.offset + Math.min(constants.bytes, CONSTANTS_MAX)
  for (let at = constants.offset; at < end; at += PIECE_BYTES - OVERLAP_BYTES) {
    const piece = read(at, Math.min(PIECE_BYTES, end - at))
    const version = SOURCE.exec(piece.toString('latin1'))?.[1]
    if (version !== undefined) return version
  }
  return undefined
}
