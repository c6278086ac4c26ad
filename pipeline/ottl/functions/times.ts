import type { Integer } from '../../data/metrics.ts'
import type { UnixTime } from '../../data/time.ts'
import type { Arguments } from '../arguments.ts'
import { EvaluationError } from '../error.ts'
import { converter, type FunctionSpec } from '../function.ts'
import {
  double,
  duration,
  fromNanoseconds,
  int,
  integer,
  NS,
  text,
  time,
  toNanoseconds,
} from '../value.ts'
import { parseGoDuration } from './go_duration.ts'
import { formatTime, layoutFault, parseTime } from './strptime.ts'

const now = converter('Now', [], () => () => {
  const ms = Date.now()
  return time([Math.floor(ms / 1000), (ms % 1000) * 1e6])
})

const unix = converter('Unix', ['seconds', 'nanoseconds?'], (args) => {
  const seconds = args.int('seconds')
  const nanoseconds = args.has('nanoseconds') ? args.int('nanoseconds') : () => 0
  return (frame) => {
    const all = BigInt(seconds(frame)) * 1_000_000_000n + BigInt(nanoseconds(frame))
    return time(fromNanoseconds(integer(all)))
  }
})

/** How many of a unit a time is after 1970. */
const unixOf = (name: string, ns: bigint): FunctionSpec =>
  converter(name, ['time'], (args) => {
    const target = args.time('time')
    return (frame) => int(integer(BigInt(toNanoseconds(target(frame))) / ns))
  })

/** A part of the date, in UTC. */
const partOf = (name: string, part: (date: Date, at: UnixTime) => number): FunctionSpec =>
  converter(name, ['time'], (args) => {
    const target = args.time('time')
    return (frame) => {
      const at = target(frame)
      return int(part(new Date(at[0] * 1000), at))
    }
  })

/** A duration in a unit: whole below a second, with fractions above, as Go has it. */
const durationIn = (name: string, ns: number, whole: boolean): FunctionSpec =>
  converter(name, ['duration'], (args) => {
    const target = args.duration('duration')
    return (frame) => {
      const value: Integer = target(frame)
      return whole ? int(integer(BigInt(value) / BigInt(ns))) : double(Number(value) / ns)
    }
  })

const durationOf = converter('Duration', ['duration'], (args) => {
  const target = args.text('duration')
  return (frame) => {
    const value = target(frame)
    const ns = parseGoDuration(value)
    if (ns === undefined) throw new EvaluationError(`Duration: "${value}" is no duration`)
    return duration(ns)
  }
})

function layoutOf(args: Arguments, use: 'read' | 'write'): string {
  const layout = args.literalText('format')
  const fault = layoutFault(layout, use)
  return fault === undefined ? layout : args.fault('format', fault)
}

const timeOf = converter('Time', ['time', 'format', 'location?', 'locale?'], (args) => {
  const target = args.text('time')
  const layout = layoutOf(args, 'read')
  const location = args.has('location') ? args.literalText('location') : 'UTC'
  if (args.has('locale')) args.fault('locale', 'weir reads the names of days and months in English')
  if (!isZone(location)) args.fault('location', `"${location}" is no time zone`)
  return (frame) => {
    const value = target(frame)
    const parsed = parseTime(value, layout, location)
    if (parsed === undefined) {
      throw new EvaluationError(`Time: ${JSON.stringify(value)} is not of the form "${layout}"`)
    }
    return time(parsed)
  }
})

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined
  } catch {
    return false
  }
}

const formatOf = converter('FormatTime', ['time', 'format'], (args) => {
  const target = args.time('time')
  const layout = layoutOf(args, 'write')
  return (frame) => text(formatTime(target(frame), layout))
})

const truncate = converter('TruncateTime', ['time', 'duration'], (args) => {
  const target = args.time('time')
  const step = args.duration('duration')
  return (frame) => {
    const [at, by] = [BigInt(toNanoseconds(target(frame))), BigInt(step(frame))]
    return time(fromNanoseconds(integer(by > 0n ? at - (at % by) : at)))
  }
})

export const times = [
  now,
  unix,
  unixOf('UnixNano', 1n),
  unixOf('UnixMicro', 1000n),
  unixOf('UnixMilli', 1_000_000n),
  unixOf('UnixSeconds', 1_000_000_000n),
  partOf('Year', (date) => date.getUTCFullYear()),
  partOf('Month', (date) => date.getUTCMonth() + 1),
  partOf('Day', (date) => date.getUTCDate()),
  partOf('Weekday', (date) => date.getUTCDay()),
  partOf('Hour', (date) => date.getUTCHours()),
  partOf('Minute', (date) => date.getUTCMinutes()),
  partOf('Second', (date) => date.getUTCSeconds()),
  partOf('Nanosecond', (_, [, nanoseconds]) => nanoseconds),
  durationIn('Hours', 3600 * NS, false),
  durationIn('Minutes', 60 * NS, false),
  durationIn('Seconds', NS, false),
  durationIn('Milliseconds', 1e6, true),
  durationIn('Microseconds', 1000, true),
  durationIn('Nanoseconds', 1, true),
  durationOf,
  timeOf,
  formatOf,
  truncate,
]
