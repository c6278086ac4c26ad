/**
 * Wall time as whole seconds since 1970 and nanoseconds below 1e9: lossless for a fixed64 of
 * nanoseconds, without a bigint. The shape of `HrTime` in `@opentelemetry/api`.
 */
export type UnixTime = readonly [seconds: number, nanoseconds: number]

/** Now, in whole milliseconds. */
export const wallTime = (): UnixTime => unixTime(Date.now())

export const unixTime = (ms: number): UnixTime => [
  Math.floor(ms / 1000),
  Math.round((ms % 1000) * 1e6),
]

const MICROS = 1_000_000n

/** Of microseconds since 1970; nothing is before. */
export const timeOfMicros = (micros: bigint): UnixTime =>
  micros <= 0n ? [0, 0] : [Number(micros / MICROS), Number(micros % MICROS) * 1000]
