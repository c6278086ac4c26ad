/** What Go 1.26's `fmt.Sprintf` gave for the same templates and values. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fromPlain } from '../value.ts'
import { format } from './format.ts'

const int = (value: number) => ({ kind: 'int', value }) as const
const double = (value: number) => ({ kind: 'double', value }) as const
const x = { kind: 'string', value: 'x' } as const
const TENTH = '0.1000000000000000055511151231257827021181583404541015625'

const cases: [template: string, values: Parameters<typeof format>[1], want: string][] = [
  ['%*[3]d|%[1]*d|%*d', [int(5), int(42), int(7)], '    7|   42|%!d(MISSING)'],
  ['%[4]d|%d', [int(5), int(42), int(7)], '%!d(BADINDEX)|5'],
  ['%*d|', [int(1_000_001), int(7)], '%!(BADWIDTH)7|'],
  ['%*d|', [int(-1_000_001), int(7)], '%!(BADWIDTH)7|'],
  ['%*d|', [int(-6), int(7)], '7     |'],
  ['%0*d|', [int(-6), int(7)], '7     |'],
  ['%*d|', [x, int(7)], '%!(BADWIDTH)7|'],
  ['%*d|', [int(6)], '%!d(MISSING)|'],
  ['%.*f|', [int(1_000_001), double(0.5)], '%!(BADPREC)0.500000|'],
  ['%.*f|', [int(-1), double(0.5)], '%!(BADPREC)0.500000|'],
  ['%.*f|', [x, double(0.5)], '%!(BADPREC)0.500000|'],
  ['%.*f|%d', [int(2), double(0.125), int(1)], '0.12|1'],
  ['%6.*d|', [int(3), int(5)], '   005|'],
  ['%d %20000000d and %d', [int(1), int(2)], '1 %!(NOVERB)%!(EXTRA int64=2)'],
  ['%.20000000f and', [double(1.5)], '%!(NOVERB)%!(EXTRA float64=1.5)'],
  ['%.f|%.0f|%.0f|%.2f', [double(2.5), double(2.5), double(3.5), double(1.005)], '2|2|4|1.00'],
  [
    '%f|%.3f|%f',
    [double(1e21), double(1e23), double(Number.POSITIVE_INFINITY)],
    '1000000000000000000000.000000|99999999999999991611392.000|+Inf',
  ],
  ['%.120f', [double(0.1)], TENTH.padEnd(122, '0')],
  ['%.120e', [double(0.1)], `${`1.${TENTH.slice(3)}`.padEnd(122, '0')}e-01`],
  ['%.120g', [double(0.1)], TENTH],
  [
    '%.20g|%.3g|%.3g|%g|%.5g|%.0g',
    [double(0.1), double(1234), double(2.675), double(1e5), double(0.00001234), double(123)],
    '0.10000000000000000555|1.23e+03|2.67|100000|1.234e-05|1e+02',
  ],
  [
    '%e|%.0e|%.1e|%e|%E|%.3e',
    [double(0), double(2.5), double(0.25), double(5e-324), double(1e300), double(9.9996)],
    '0.000000e+00|2e+00|2.5e-01|4.940656e-324|1.000000E+300|1.000e+01',
  ],
  ['%g|%g|%g', [double(-0), double(-1.5), double(1e6)], '-0|-1.5|1e+06'],
  [
    '%.10g|%.17g|%.25g',
    [double(1 / 3), double(1 / 3), double(1 / 3)],
    '0.3333333333|0.33333333333333331|0.3333333333333333148296163',
  ],
  ['%.2f|%.1f|%.2f', [double(-0.125), double(-0.25), double(-0.001)], '-0.12|-0.2|-0.00'],
  ['%f|%e', [double(Number.NaN), double(Number.NEGATIVE_INFINITY)], 'NaN|-Inf'],
  ['%.3g|%.2g', [double(0), double(100)], '0|1e+02'],
  [
    '%+f|% f|%08.2f|%+08.2f',
    [double(1.5), double(1.5), double(-1.5), double(1.5)],
    '+1.500000| 1.500000|-0001.50|+0001.50',
  ],
]

describe('Format', () => {
  for (const [template, values, want] of cases) {
    test(`${template} of ${values.map((one) => ('value' in one ? one.value : '')).join(', ')}`, () =>
      assert.equal(format(template, values), want))
  }

  test('the largest width and precision', () => {
    assert.equal(format('%*d', [int(1_000_000), int(7)]).length, 1_000_000)
    assert.equal(format('%.*f', [int(1_000_000), double(1)]).length, 1_000_002)
  })

  test('a precision is not multiplied by what a list holds', () => {
    const list = fromPlain(
      Array.from({ length: 5_000 }, () => 1),
      true,
    )
    assert.equal(format('%.*d', [int(1_000_000), list]), '%!(BADPREC)')
  })
})
