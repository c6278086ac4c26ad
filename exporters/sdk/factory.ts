import { defineExporter } from '../../pipeline/component.ts'
import { ExporterHelper, helperOptions } from '../../pipeline/exporter_helper.ts'
import { schema } from './config.ts'
import { SdkExporter } from './sdk.ts'

/** Sends spans by any npm package with a SpanExporter of OpenTelemetry's SDK. */
export const sdk = defineExporter({
  type: 'sdk',
  stability: { traces: 'alpha' },
  access: 'items',
  schema,
  create: {
    traces: (ctx, config) =>
      new ExporterHelper(ctx, 'traces', helperOptions(config), new SdkExporter(config)),
  },
})
