/** What the Go linker wrote into an executable. */
export interface GoBuild {
  /** Of Go, without its `go`: `1.22.3`. '' for a build before 1.18, which points to it instead of holding it. */
  readonly version: string
  /** Import path of the main package; '' when unknown. */
  readonly path: string
  /** Version of the main module; '' for one that was built from its own source. */
  readonly moduleVersion: string
}

const MAGIC = Buffer.from('\xff Go buildinf:', 'latin1')
const FLAG_INLINE = 2
const STRINGS_AT = 32
/** 16 bytes in front of the module's text and behind it, by which debuggers find it in memory. */
const SENTINEL = 16

/**
 * Reads the section `.go.buildinfo`, which -s and -w leave in. Undefined if it is none.
 * Source: https://github.com/golang/go/blob/go1.26.0/src/debug/buildinfo/buildinfo.go
 */
export function parseGoBuild(section: Buffer): GoBuild | undefined {
  if (section.length < STRINGS_AT || !section.subarray(0, MAGIC.length).equals(MAGIC)) {
    return undefined
  }
  if (((section[15] ?? 0) & FLAG_INLINE) === 0) return { version: '', path: '', moduleVersion: '' }
  const version = stringAt(section, STRINGS_AT)
  const module = stringAt(section, version.end).text.slice(SENTINEL, -SENTINEL)
  const main = /^mod\t[^\t\n]*\t([^\t\n]*)/m.exec(module)?.[1] ?? ''
  return {
    version: version.text.replace(/^go/, '').replace(/ .*$/, ''),
    path: /^path\t(.*)$/m.exec(module)?.[1] ?? '',
    moduleVersion: main === '(devel)' ? '' : main,
  }
}

/** A text behind its length, seven bits of it in each byte, lowest first. */
function stringAt(bytes: Buffer, at: number): { readonly text: string; readonly end: number } {
  let length = 0
  let from = at
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = bytes[from++] ?? 0
    length |= (byte & 127) << shift
    if (byte < 128) break
  }
  const end = Math.min(from + length, bytes.length)
  return { text: bytes.toString('latin1', Math.min(from, end), end), end }
}
