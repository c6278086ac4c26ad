import { type AddonObject, addon, type ProgramInfo, type StructLayout } from './addon.ts'
import { BpfMap } from './bpf_map.ts'
import { checkInteger, checkText } from './check.ts'

/** Numbers must be integers that fit in the variable; bytes may be shorter than it. */
export type RodataValue = number | bigint | boolean | Uint8Array

export interface ObjectOptions {
  /** `const volatile` variables by name. One that the object has not is an error. */
  readonly rodata?: Readonly<Record<string, RodataValue>>
  /** max_entries of maps by name. */
  readonly maxEntries?: Readonly<Record<string, number>>
  /** Bytes of a value of maps by name. */
  readonly valueSizes?: Readonly<Record<string, number>>
  /** Whether a program is loaded, by name; the others as their SEC says. */
  readonly autoload?: Readonly<Record<string, boolean>>
  /** Loaded objects whose maps are shared: of those of the same name, the first object's. */
  readonly reuse?: readonly BpfObject[]
  /** Of the verifier: 0 none (the default; a failure is logged all the same), 1, 2. Bit 4 adds statistics. */
  readonly kernelLogLevel?: number
}

/**
 * A BPF object file: open, then `load`, then `attach`. It owns its links and maps: `close` takes all of them back, as does the end
 * of the thread. Everything is synchronous. Errors of the kernel come as Error with `errno` and `code`; after `close`
 * each method throws EBADF.
 */
export class BpfObject {
  readonly path: string
  readonly #native: AddonObject
  readonly #maps = new Map<string, BpfMap>()

  /** Opens the file, and loads nothing yet. */
  constructor(path: string, options: ObjectOptions = {}) {
    checkText('path', path)
    this.path = path
    this.#native = new addon.BpfObject(path, {
      logLevel: options.kernelLogLevel ?? 0,
      rodata: Object.entries(options.rodata ?? {}).map(rodataEntry),
      maxEntries: Object.entries(options.maxEntries ?? {}).map(sizeEntry('max_entries')),
      valueSizes: Object.entries(options.valueSizes ?? {}).map(sizeEntry('value_size')),
      autoload: Object.entries(options.autoload ?? {}).map(([name, on]) => [name, Boolean(on)]),
      reuse: (options.reuse ?? []).map((object) => object.#native),
    })
  }

  /** Loads all programs or none. On failure the Error has `messages`; `loadObject` makes sense of them. */
  load(): void {
    this.#native.load()
  }

  programs(): readonly ProgramInfo[] {
    return this.#native.programs()
  }

  /** Names of the maps, in order of definition. */
  maps(): readonly string[] {
    return this.#native.maps()
  }

  /** The map of that name, ENOENT if there is none. `.rodata`, `.bss` and `.data` have libbpf's names. */
  map(name: string): BpfMap {
    checkText('name', name)
    const known = this.#maps.get(name)
    if (known !== undefined) return known
    const map = new BpfMap(this.#native.map(name))
    this.#maps.set(name, map)
    return map
  }

  /** The layout of `struct name` by the BTF of this object, undefined when it has no such struct. Needs no load. */
  layout(name: string): StructLayout | undefined {
    checkText('name', name)
    return this.#native.layout(name)
  }

  /** Attaches a program where its SEC says. Returns the number of the link. */
  attach(program: string): number {
    checkText('program', program)
    return this.#native.attach(program)
  }

  /**
   * Attaches a program at a file `offset` (bytes) of `path`, for every process that maps that file. `path` may lead through
   * /proc/PID/root. On the return of the function if `retprobe`, by default if SEC says uretprobe.
   */
  attachUprobe(
    program: string,
    path: string,
    offset: number,
    { retprobe }: { readonly retprobe?: boolean } = {},
  ): number {
    checkText('program', program)
    checkText('path', path)
    checkInteger('offset', offset, 0, Number.MAX_SAFE_INTEGER)
    return this.#native.attachUprobe(program, path, offset, retprobe)
  }

  /**
   * Lets the link go in the background, where the kernel takes about 100 ms for it; until then the program may still run.
   * False when there is no such link any more.
   */
  detach(link: number): boolean {
    checkInteger('link', link)
    return this.#native.detach(link)
  }

  /** Detaches everything, waits for that, and gives the maps back. Safe twice. */
  close(): void {
    this.#maps.clear()
    this.#native.close()
  }
}

function rodataEntry([name, value]: [string, RodataValue]): [string, number | bigint | Uint8Array] {
  if (typeof value === 'boolean') return [name, value ? 1 : 0]
  if (typeof value === 'number') {
    checkInteger(`rodata ${name}`, value, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
  } else if (typeof value !== 'bigint' && !(value instanceof Uint8Array)) {
    throw new TypeError(`rodata ${name}: expected an integer, a boolean or bytes, got ${value}`)
  }
  return [name, value]
}

const sizeEntry =
  (what: string) =>
  ([name, value]: [string, number]): [string, number] => {
    checkInteger(`${what} of ${name}`, value, 1)
    return [name, value]
  }
