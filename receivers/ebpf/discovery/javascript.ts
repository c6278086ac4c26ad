import type { ElfSection } from './elf_sections.ts'

/** A runtime of JavaScript that is in an executable, whatever that is named. */
export type JavaScript = 'node' | 'bun' | 'deno'

/** Such an executable is 60 MiB at least: of smaller ones nothing is read. */
const EXECUTABLE_MIN = 16 << 20
/** Of names; Node 22 has 7.3 MiB. */
const NAMES_MAX = 16 << 20
const PIECE = 64 << 10

/** All three give addons this to call; the first two have something besides that no other has. */
const MARKS = {
  addons: '\0napi_module_register\0',
  node: '\0_ZN4node5StartEiPPc\0',
  bun: '\0BUN_',
}
const LONGEST = Math.max(...Object.values(MARKS).map((mark) => mark.length))

/**
 * Which runtime an executable of `fileBytes` holds: by what it exports for addons, which is in a program in one file (Node's SEA,
 * `bun build --compile`, `deno compile`) as it is in the runtime's own. `names`: its `.dynstr`, read in pieces.
 */
export function javascriptIn(
  fileBytes: number,
  names: ElfSection | undefined,
  read: (offset: number, bytes: number) => Buffer,
): JavaScript | undefined {
  if (fileBytes < EXECUTABLE_MIN || names === undefined) return undefined
  const end = names.offset + Math.min(names.bytes, NAMES_MAX)
  const found = new Set<string>()
  for (let at = names.offset; at < end; at += PIECE) {
    const piece = read(at, Math.min(PIECE + LONGEST, end - at))
    for (const [name, mark] of Object.entries(MARKS)) if (piece.includes(mark)) found.add(name)
  }
  if (!found.has('addons')) return undefined
  if (found.has('node')) return 'node'
  return found.has('bun') ? 'bun' : 'deno'
}
