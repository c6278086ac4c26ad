import { anything, type Infer, map, object, opaque, text } from '../../config/fields.ts'
import { timeoutField } from '../../pipeline/exporter_helper.ts'
import { queueFields } from '../../pipeline/queue.ts'
import { retryFields } from '../../pipeline/retry.ts'

/** What stands under `exporters::sdk`. */
export const schema = object({
  package: text()
    .check((value) => value === '' && 'package must be specified')
    .describe('Name of an npm package, as @opentelemetry/exporter-zipkin.'),
  export: text()
    .default('')
    .describe('The class among what it exports; empty: the only one that is a SpanExporter.'),
  directory: text()
    .default('/var/lib/weir/exporters')
    .describe('Where it was installed: npm install --prefix DIRECTORY PACKAGE.'),
  options: anything()
    .default({})
    .check((value) => !isMap(value) && 'options must be a map')
    .describe('What its constructor is given.'),
  secrets: map(opaque()).default(new Map()).describe('More of that, of which nothing is shown.'),
  timeout: timeoutField(30_000),
  sending_queue: queueFields,
  retry_on_failure: retryFields,
})

const isMap = (value: unknown) =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export type SdkConfig = Infer<typeof schema>
