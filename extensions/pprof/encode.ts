/** One stack with what was measured of it. */
export interface Sample {
  /** The innermost first. */
  readonly stack: readonly Frame[]
  readonly values: readonly number[]
}

export interface Frame {
  readonly functionName: string
  readonly file: string
  /** From 1. */
  readonly line: number
}

export interface Measured {
  readonly types: readonly (readonly [type: string, unit: string])[]
  readonly period: number
  readonly startMs: number
  readonly durationMs: number
  readonly samples: readonly Sample[]
}

const VARINT = 0
const BYTES = 2
const NS_PER_MS = 1_000_000n

function varint(value: number | bigint): number[] {
  const bytes: number[] = []
  let rest = BigInt(value)
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return [...bytes, Number(rest)]
}

const number = (field: number, value: number | bigint): Buffer =>
  Buffer.from([...varint((field << 3) | VARINT), ...varint(value)])

function bytes(field: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts)
  return Buffer.concat([
    Buffer.from([...varint((field << 3) | BYTES), ...varint(body.length)]),
    body,
  ])
}

const packed = (field: number, values: readonly number[]): Buffer =>
  bytes(field, Buffer.from(values.flatMap((value) => varint(Math.max(0, Math.round(value))))))

/** Numbers for things that are equal by their key, from `first` on. */
class Table<T> {
  readonly items: T[] = []
  readonly #ids = new Map<string, number>()
  readonly #first: number

  constructor(first: number) {
    this.#first = first
  }

  id(key: string, item: () => T): number {
    let id = this.#ids.get(key)
    if (id === undefined) {
      id = this.items.length + this.#first
      this.#ids.set(key, id)
      this.items.push(item())
    }
    return id
  }
}

/** The bytes of a profile, not yet compressed. Source: github.com/google/pprof, proto/profile.proto */
export function encodeProfile({ types, period, startMs, durationMs, samples }: Measured): Buffer {
  const strings = new Table<string>(0)
  const text = (value: string) => strings.id(value, () => value)
  text('')
  const functions = new Table<Buffer>(1)
  const locations = new Table<Buffer>(1)
  const functionOf = ({ functionName, file }: Frame): number =>
    functions.id(`${functionName}\n${file}`, () =>
      Buffer.concat([
        number(1, functions.items.length + 1),
        number(2, text(functionName)),
        number(3, text(functionName)),
        number(4, text(file)),
      ]),
    )
  const locationOf = (frame: Frame): number => {
    const ofFunction = functionOf(frame)
    return locations.id(`${ofFunction}:${frame.line}`, () =>
      Buffer.concat([
        number(1, locations.items.length + 1),
        bytes(4, number(1, ofFunction), number(2, frame.line)),
      ]),
    )
  }
  const typeOf = (field: number, [type, unit]: readonly [string, string]) =>
    bytes(field, number(1, text(type)), number(2, text(unit)))
  const last = types.at(-1) ?? ['', '']
  const parts = [
    ...types.map((type) => typeOf(1, type)),
    ...samples.map(({ stack, values }) =>
      bytes(2, packed(1, stack.map(locationOf)), packed(2, values)),
    ),
    typeOf(11, last),
  ]
  return Buffer.concat([
    ...parts,
    ...locations.items.map((one) => bytes(4, one)),
    ...functions.items.map((one) => bytes(5, one)),
    ...strings.items.map((one) => bytes(6, Buffer.from(one))),
    number(9, BigInt(Math.round(startMs)) * NS_PER_MS),
    number(10, BigInt(Math.round(durationMs)) * NS_PER_MS),
    number(12, period),
  ])
}
