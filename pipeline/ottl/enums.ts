const numbered = (prefix: string, names: readonly string[], first = 0): [string, number][] =>
  names.map((name, i) => [`${prefix}${name}`, i + first])

const SEVERITIES = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'].flatMap((name) =>
  ['', '2', '3', '4'].map((step) => `${name}${step}`),
)

/** The words in capitals that stand for numbers of OTLP. */
export const ENUMS: ReadonlyMap<string, number> = new Map([
  ...numbered('SPAN_KIND_', [
    'UNSPECIFIED',
    'INTERNAL',
    'SERVER',
    'CLIENT',
    'PRODUCER',
    'CONSUMER',
  ]),
  ...numbered('STATUS_CODE_', ['UNSET', 'OK', 'ERROR']),
  ...numbered('SEVERITY_NUMBER_', ['UNSPECIFIED', ...SEVERITIES]),
  ...numbered('AGGREGATION_TEMPORALITY_', ['UNSPECIFIED', 'DELTA', 'CUMULATIVE']),
  ...numbered('METRIC_DATA_TYPE_', [
    'NONE',
    'GAUGE',
    'SUM',
    'HISTOGRAM',
    'EXPONENTIAL_HISTOGRAM',
    'SUMMARY',
  ]),
  ...numbered('FLAG_', ['NONE', 'NO_RECORDED_VALUE']),
])
