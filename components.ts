import { consoleExporter } from './exporters/console/factory.ts'
import { otlpHttp } from './exporters/otlp_http/factory.ts'
import type {
  ExporterFactory,
  ExtensionFactory,
  ProcessorFactory,
  ReceiverFactory,
} from './pipeline/component.ts'
import { batch } from './processors/batch/factory.ts'

/** Every component that weir has. */
export const receivers: readonly ReceiverFactory[] = []

export const processors: readonly ProcessorFactory[] = [batch]

export const exporters: readonly ExporterFactory[] = [consoleExporter, otlpHttp]

export const extensions: readonly ExtensionFactory[] = []
