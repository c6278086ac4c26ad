import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { type ElfSection, readSections } from './elf_sections.ts'
import { type GoBuild, parseGoBuild } from './go_build.ts'
import { type JavaScript, javascriptIn } from './javascript.ts'

/** What the file of an executable says of itself. */
export interface Executable {
  /** NT_GNU_BUILD_ID in hexadecimal, '' when there is none. */
  readonly buildId: string
  readonly go: GoBuild | undefined
  /** Of rustc, '' when it did not make the file. */
  readonly rust: string
  readonly javascript: JavaScript | undefined
}

export const NO_EXECUTABLE: Executable = {
  buildId: '',
  go: undefined,
  rust: '',
  javascript: undefined,
}

const CACHE_MAX = 512
const NOTE_MAX = 4 << 10
const COMMENT_MAX = 4 << 10
const GO_MAX = 256 << 10

/** Executables by inode: each is read once, a few KiB of it, however many processes run it. */
export class Executables {
  readonly #known = new Map<string, Executable>()

  /** `path` leads to the file from here: `/proc/PID/exe`. */
  read(path: string): Executable {
    let fd = -1
    try {
      fd = openSync(path, 'r')
      const { dev, ino, size, mtimeMs } = fstatSync(fd)
      const key = `${dev}:${ino}:${size}:${mtimeMs}`
      const known = this.#known.get(key)
      if (known !== undefined) return known
      const read = inspect(fd, size)
      this.#keep(key, read)
      return read
    } catch {
      return NO_EXECUTABLE // ended, or a kernel thread
    } finally {
      if (fd >= 0) closeSync(fd)
    }
  }

  #keep(key: string, executable: Executable): void {
    this.#known.set(key, executable)
    const oldest = this.#known.keys().next().value
    if (this.#known.size > CACHE_MAX && oldest !== undefined) this.#known.delete(oldest)
  }
}

function inspect(fd: number, fileBytes: number): Executable {
  const read = (offset: number, bytes: number): Buffer => {
    const into = Buffer.alloc(bytes)
    return into.subarray(0, readSync(fd, into, 0, bytes, offset))
  }
  const sections = readSections(read)
  const bytesOf = (name: string, max: number): Buffer => {
    const section: ElfSection | undefined = sections.get(name)
    return section === undefined
      ? Buffer.alloc(0)
      : read(section.offset, Math.min(section.bytes, max))
  }
  const comment = bytesOf('.comment', COMMENT_MAX).toString('latin1')
  return {
    buildId: parseBuildId(bytesOf('.note.gnu.build-id', NOTE_MAX)),
    go: parseGoBuild(bytesOf('.go.buildinfo', GO_MAX)),
    rust: /rustc version (\d[\w.-]*)/.exec(comment)?.[1] ?? '',
    javascript: javascriptIn(fileBytes, sections.get('.dynstr'), read),
  }
}

const NOTE_HEADER = 12

/** One note: sizes of name and description, a type, `GNU\0`, and the id. */
function parseBuildId(note: Buffer): string {
  if (note.length < NOTE_HEADER) return ''
  const from = NOTE_HEADER + ((note.readUInt32LE(0) + 3) & ~3)
  return note.toString('hex', from, from + note.readUInt32LE(4))
}
