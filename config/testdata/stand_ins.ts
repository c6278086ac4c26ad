import type { ExporterFactory, Factory, ReceiverFactory } from '../../pipeline/component.ts'
import type { Expanded } from '../expanded.ts'
import { int, type Schema as SchemaOf, text } from '../fields.ts'
import { INVALID, type Invalid, type JsonSchema, type Reader, Schema } from '../schema.ts'

/** Reads one key at a time and takes every other. */
class OpenSchema extends Schema<unknown> {
  private readonly fields: Readonly<Record<string, SchemaOf<unknown>>>
  constructor(fields: Readonly<Record<string, SchemaOf<unknown>>>) {
    super()
    this.fields = fields
    this.fallback = { value: {} }
  }

  protected convert({ value }: Expanded, reader: Reader): unknown | Invalid {
    if (!(value instanceof Map)) return {}
    const values: Record<string, unknown> = {}
    for (const [key, { node }] of value) {
      const field = this.fields[key]
      if (field !== undefined) values[key] = field.read(node, reader.at(key, node.origin))
    }
    return Object.values(values).includes(INVALID) ? INVALID : values
  }

  protected shape(): JsonSchema {
    return {}
  }
}

const open = (fields: Readonly<Record<string, SchemaOf<unknown>>> = {}) => new OpenSchema(fields)

const BALANCERS = ['', 'round_robin', 'pick_first']
const grpcClient = open({
  balancer_name: text().check(
    (name) => !BALANCERS.includes(name) && `invalid balancer_name: ${name}`,
  ),
  authority: text(),
})
const grpcServer = open({
  read_buffer_size: int().check((n) => n < 0 && `invalid read_buffer_size value: ${n}`),
})

const all = { traces: 'alpha', metrics: 'alpha', logs: 'alpha' } as const
const never = () => {
  throw new Error('a stand-in is only configured, never built')
}
const create = { traces: never, metrics: never, logs: never }

const receiver = (type: string, schema: SchemaOf<unknown>): ReceiverFactory => ({
  kind: 'receiver',
  type,
  schema,
  stability: all,
  create,
})

const exporter = (type: string, schema: SchemaOf<unknown>): ExporterFactory => ({
  kind: 'exporter',
  type,
  schema,
  stability: all,
  access: 'opaque',
  create,
})

/**
 * Components of the recorded cases that weir may not have yet, with the few settings by which most of these cases tell
 * how a value was read. A real one takes the place of its stand-in as soon as there is one.
 */
export const standIns: readonly Factory[] = [
  receiver('otlp', open({ protocols: open({ grpc: grpcServer }) })),
  receiver('nop', open()),
  exporter('otlp_grpc', grpcClient),
  exporter('nop', open()),
]
