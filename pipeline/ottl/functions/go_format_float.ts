/** An exact decimal: `digits` divided by ten to the power of `decimals`. */
interface Decimal {
  readonly digits: bigint
  readonly decimals: number
}

const MANTISSA_BITS = 52n
/** Added to the exponent of a double, the bits of its mantissa counted. */
const BIAS = 1075

/** What a double stands for, exactly: at most 1074 decimals. The sign is not looked at. */
function exactly(number: number): Decimal {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, Math.abs(number))
  const bits = view.getBigUint64(0)
  const exponent = Number(bits >> MANTISSA_BITS)
  const fraction = bits & ((1n << MANTISSA_BITS) - 1n)
  const mantissa = exponent === 0 ? fraction : fraction | (1n << MANTISSA_BITS)
  const power = Math.max(exponent, 1) - BIAS
  if (power >= 0) return { digits: mantissa << BigInt(power), decimals: 0 }
  return { digits: mantissa * 5n ** BigInt(-power), decimals: -power }
}

/** Without the last `dropped` digits, rounded to the nearest, and to the even one of two. */
function rounded(digits: bigint, dropped: number): bigint {
  const unit = 10n ** BigInt(dropped)
  const whole = digits / unit
  const twice = (digits % unit) * 2n
  return twice > unit || (twice === unit && whole % 2n === 1n) ? whole + 1n : whole
}

const withSign = (number: number, text: string): string =>
  number < 0 || Object.is(number, -0) ? `-${text}` : text

/**
 * A finite number with so many decimals, as Go's `strconv.FormatFloat(x, 'f')`: exact, of any precision, and a tie goes
 * to the even digit; `toFixed` does none of these.
 */
export function fixed(number: number, precision: number): string {
  const { digits, decimals } = exactly(number)
  const kept = Math.min(precision, decimals)
  const all = String(rounded(digits, decimals - kept)).padStart(kept + 1, '0')
  const whole = all.slice(0, all.length - kept)
  if (precision === 0) return withSign(number, whole)
  return withSign(number, `${whole}.${all.slice(all.length - kept).padEnd(precision, '0')}`)
}

/** A finite number with one digit before the point and so many behind it, as `strconv.FormatFloat(x, 'e')`. */
export function exponential(number: number, precision: number): string {
  const { digits, decimals } = exactly(number)
  const all = String(digits)
  const dropped = Math.max(all.length - precision - 1, 0)
  const short = String(rounded(digits, dropped))
  const ten = number === 0 ? 0 : short.length + dropped - 1 - decimals
  const behind = short.slice(1, precision + 1).padEnd(precision, '0')
  const mantissa = precision === 0 ? short.slice(0, 1) : `${short.slice(0, 1)}.${behind}`
  return withSign(number, `${mantissa}e${twoDigits(ten)}`)
}

const twoDigits = (power: number): string =>
  `${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`

/** Digits before the point above which a number is written with an exponent, if no precision says otherwise. */
const WHOLE_DIGITS = 6

/** No double has more digits that count. */
const MOST_DIGITS = 767

/** As `strconv.FormatFloat(x, 'g')`: with an exponent if that is large or small, without zeros at the end. */
export function general(number: number, precision: number | undefined): string {
  if (!Number.isFinite(number)) return Number.isNaN(number) ? 'NaN' : number > 0 ? '+Inf' : '-Inf'
  const significant =
    precision === undefined ? undefined : Math.min(Math.max(precision, 1), MOST_DIGITS)
  const [mantissa = '', power = '0'] = (
    significant === undefined ? number.toExponential() : exponential(number, significant - 1)
  ).split('e')
  const ten = Number(power)
  const short = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa
  if (ten < -4 || ten >= (significant ?? WHOLE_DIGITS)) return `${short}e${twoDigits(ten)}`
  if (significant === undefined) return withSign(number, String(Math.abs(number)))
  const behind = short.replace(/^-?\d\.?/, '').length
  return fixed(Number(`${short}e${power}`), Math.max(behind - ten, 0))
}
