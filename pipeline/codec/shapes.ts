/**
 * What the messages of OTLP look like, as numbers for the scan: for each message 32 codes, one for each
 * field number. A code of 0 is an unknown field.
 */

/** Bits of a code: the wire type + 1, whether a packed list may stand for the field, the size of an id, whether it is an item, the message. */
export const WIRE_MASK = 7
export const PACKED_VARINTS = 8
export const PACKED_8 = 16
export const ID_16 = 32
export const ID_8 = 64
export const ITEM = 128
export const MESSAGE_SHIFT = 8

const VARINT = 1
const FIXED64 = 2
/** The code of a field that may hold any bytes. */
export const BYTES = 3
const FIXED32 = 6

type Names =
  | 'attribute'
  | 'any_value'
  | 'array'
  | 'kvlist'
  | 'resource'
  | 'entity_ref'
  | 'scope'
  | 'resource_spans'
  | 'scope_spans'
  | 'span'
  | 'event'
  | 'link'
  | 'status'
  | 'resource_logs'
  | 'scope_logs'
  | 'log_record'
  | 'resource_metrics'
  | 'scope_metrics'
  | 'metric'
  | 'gauge'
  | 'sum'
  | 'histogram'
  | 'exponential'
  | 'summary'
  | 'number_point'
  | 'histogram_point'
  | 'exponential_point'
  | 'buckets'
  | 'summary_point'
  | 'quantile'
  | 'exemplar'

/** A wire type with flags, or the message that a field holds; with `item`, one that counts. */
type Field = number | Names | { readonly item: Names }

const MESSAGES: { readonly [N in Names]: Readonly<Record<number, Field>> } = {
  attribute: { 1: BYTES, 2: 'any_value' },
  any_value: { 1: BYTES, 2: VARINT, 3: VARINT, 4: FIXED64, 5: 'array', 6: 'kvlist', 7: BYTES },
  array: { 1: 'any_value' },
  kvlist: { 1: 'attribute' },
  resource: { 1: 'attribute', 2: VARINT, 3: 'entity_ref' },
  entity_ref: { 1: BYTES, 2: BYTES, 3: BYTES, 4: BYTES },
  scope: { 1: BYTES, 2: BYTES, 3: 'attribute', 4: VARINT },

  resource_spans: { 1: 'resource', 2: 'scope_spans', 3: BYTES },
  scope_spans: { 1: 'scope', 2: { item: 'span' }, 3: BYTES },
  span: {
    1: BYTES | ID_16,
    2: BYTES | ID_8,
    3: BYTES,
    4: BYTES | ID_8,
    5: BYTES,
    6: VARINT,
    7: FIXED64,
    8: FIXED64,
    9: 'attribute',
    10: VARINT,
    11: 'event',
    12: VARINT,
    13: 'link',
    14: VARINT,
    15: 'status',
    16: FIXED32,
  },
  event: { 1: FIXED64, 2: BYTES, 3: 'attribute', 4: VARINT },
  link: { 1: BYTES | ID_16, 2: BYTES | ID_8, 3: BYTES, 4: 'attribute', 5: VARINT, 6: FIXED32 },
  status: { 2: BYTES, 3: VARINT },

  resource_logs: { 1: 'resource', 2: 'scope_logs', 3: BYTES },
  scope_logs: { 1: 'scope', 2: { item: 'log_record' }, 3: BYTES },
  log_record: {
    1: FIXED64,
    2: VARINT,
    3: BYTES,
    5: 'any_value',
    6: 'attribute',
    7: VARINT,
    8: FIXED32,
    9: BYTES | ID_16,
    10: BYTES | ID_8,
    11: FIXED64,
    12: BYTES,
  },

  resource_metrics: { 1: 'resource', 2: 'scope_metrics', 3: BYTES },
  scope_metrics: { 1: 'scope', 2: 'metric', 3: BYTES },
  metric: {
    1: BYTES,
    2: BYTES,
    3: BYTES,
    5: 'gauge',
    7: 'sum',
    9: 'histogram',
    10: 'exponential',
    11: 'summary',
    12: 'attribute',
  },
  gauge: { 1: { item: 'number_point' } },
  sum: { 1: { item: 'number_point' }, 2: VARINT, 3: VARINT },
  histogram: { 1: { item: 'histogram_point' }, 2: VARINT },
  exponential: { 1: { item: 'exponential_point' }, 2: VARINT },
  summary: { 1: { item: 'summary_point' } },
  number_point: {
    2: FIXED64,
    3: FIXED64,
    4: FIXED64,
    5: 'exemplar',
    6: FIXED64,
    7: 'attribute',
    8: VARINT,
  },
  histogram_point: {
    2: FIXED64,
    3: FIXED64,
    4: FIXED64,
    5: FIXED64,
    6: FIXED64 | PACKED_8,
    7: FIXED64 | PACKED_8,
    8: 'exemplar',
    9: 'attribute',
    10: VARINT,
    11: FIXED64,
    12: FIXED64,
  },
  exponential_point: {
    1: 'attribute',
    2: FIXED64,
    3: FIXED64,
    4: FIXED64,
    5: FIXED64,
    6: VARINT,
    7: FIXED64,
    8: 'buckets',
    9: 'buckets',
    10: VARINT,
    11: 'exemplar',
    12: FIXED64,
    13: FIXED64,
    14: FIXED64,
  },
  buckets: { 1: VARINT, 2: VARINT | PACKED_VARINTS },
  summary_point: {
    2: FIXED64,
    3: FIXED64,
    4: FIXED64,
    5: FIXED64,
    6: 'quantile',
    7: 'attribute',
    8: VARINT,
  },
  quantile: { 1: FIXED64, 2: FIXED64 },
  exemplar: {
    2: FIXED64,
    3: FIXED64,
    4: BYTES | ID_8,
    5: BYTES | ID_16,
    6: FIXED64,
    7: 'attribute',
  },
}

const NAMES = Object.keys(MESSAGES) as Names[]

/** The number of a message, from 1. */
const numberOf = (name: Names): number => NAMES.indexOf(name) + 1

function encoded(field: Field): number {
  if (typeof field === 'number') return field
  if (typeof field === 'string') return BYTES | (numberOf(field) << MESSAGE_SHIFT)
  return BYTES | ITEM | (numberOf(field.item) << MESSAGE_SHIFT)
}

/** `CODES[message << 5 | field]`. */
export const CODES = new Uint16Array((NAMES.length + 1) << 5)

for (const name of NAMES) {
  for (const [field, what] of Object.entries(MESSAGES[name])) {
    CODES[(numberOf(name) << 5) | Number(field)] = encoded(what)
  }
}

/** The code of a field of `message`; 0 for an unknown one. */
export const codeOf = (message: number, tag: number): number =>
  tag >>> 3 < 32 ? (CODES[(message << 5) | (tag >>> 3)] as number) : 0

/** The field of a message that holds its attributes, 0 if it has none. */
export const ATTRIBUTES = new Uint8Array(NAMES.length + 1)

for (const name of NAMES) {
  const field = Object.entries(MESSAGES[name]).find(([, what]) => what === 'attribute')
  ATTRIBUTES[numberOf(name)] = Number(field?.[0] ?? 0)
}

/** The messages that items lie in, at any depth. */
export const CONTAINERS: ReadonlySet<number> = new Set(
  (
    [
      'scope_spans',
      'scope_logs',
      'scope_metrics',
      'metric',
      'gauge',
      'sum',
      'histogram',
      'exponential',
      'summary',
    ] as const
  ).map(numberOf),
)

/** The messages that a request is made of, by signal. */
export const ROOTS = {
  traces: numberOf('resource_spans'),
  metrics: numberOf('resource_metrics'),
  logs: numberOf('resource_logs'),
} as const
