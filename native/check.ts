/** Argument checks of this folder: C++ takes what passes here at its word. Each throws a TypeError or RangeError. */

const UINT32_MAX = 0xffff_ffff

const found = (value: unknown): string =>
  typeof value === 'string' ? `"${value}"` : `${String(value)} of type ${typeof value}`

/** A string without NUL, which C would take for its end. */
export function checkText(name: string, value: string): void {
  if (typeof value !== 'string' || value === '' || value.includes('\0')) {
    throw new TypeError(`${name}: expected a non-empty string without NUL, got ${found(value)}`)
  }
}

/** An integer from `min` to `max`, by default all of 32 bits without sign. */
export function checkInteger(name: string, value: number, min = 0, max = UINT32_MAX): void {
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    throw new RangeError(`${name}: expected an integer from ${min} to ${max}, got ${found(value)}`)
  }
}

/** Bytes, exactly `length` of them if that is given. */
export function checkBytes(name: string, value: Uint8Array, length?: number): void {
  if (!(value instanceof Uint8Array)) {
    throw new TypeError(`${name}: expected a Uint8Array, got ${found(value)}`)
  }
  if (length !== undefined && value.byteLength !== length) {
    throw new RangeError(`${name}: expected ${length} bytes, got ${value.byteLength}`)
  }
}

export function checkFloats(name: string, value: Float64Array, length: number): void {
  if (!(value instanceof Float64Array) || value.length !== length) {
    throw new RangeError(
      `${name}: expected a Float64Array of ${length}, got ${found(value?.length)}`,
    )
  }
}
