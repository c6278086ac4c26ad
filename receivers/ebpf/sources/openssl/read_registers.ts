import type { BpfMap } from '../../../../native/bpf_map.ts'
import type { Probe, ReadRegisters } from './probes.ts'

const PAGE_BYTES = 4096

/**
 * Tells the kernel which registers to read at a probe. It knows a probe by its offset in its page alone, which is the same
 * wherever the file is mapped; files whose probes lie at one offset but with other registers do not go together.
 */
export class ReadRegistersTable {
  readonly #map: BpfMap
  readonly #entered = new Map<number, string>()

  /** `map`: `read_points` of bpf/openssl. */
  constructor(map: BpfMap) {
    this.#map = map
  }

  /** False, and nothing is entered, when another file needs other registers at one of these places. */
  enter(probes: readonly Probe[]): boolean {
    const places = probes.flatMap(({ offset, registers }) =>
      registers === undefined ? [] : [{ key: offset % PAGE_BYTES, value: toValue(registers) }],
    )
    const fits = places.every(({ key, value }) => {
      const entered = this.#entered.get(key)
      return entered === undefined || entered === value.toString('hex')
    })
    if (!fits) return false
    for (const { key, value } of places) {
      this.#entered.set(key, value.toString('hex'))
      this.#map.update(toKey(key), value)
    }
    return true
  }
}

/** struct read_point. */
const toValue = ({ object, buffer, count, length = 0, peek = 0 }: ReadRegisters): Buffer =>
  Buffer.from([object, buffer, count, peek, length, 0, 0, 0])

function toKey(key: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(key)
  return bytes
}
