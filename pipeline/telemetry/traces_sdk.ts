import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { OTLPExporterBase } from '@opentelemetry/otlp-exporter-base'
import {
  JsonTraceSerializer,
  ProtobufTraceSerializer,
  TraceExporterMetricsHelper,
} from '@opentelemetry/otlp-transformer'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
  type SpanProcessor,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base'
import { messageOf } from '../message_of.ts'
import { pushTo } from './otlp_push.ts'
import { batchOptions, type ProcessorConfig } from './processor_fields.ts'
import { remoteParent } from './propagation.ts'
import type { OwnResource } from './resource.ts'
import type { StartSpan } from './spans.ts'
import type { RootSamplerConfig, SamplerConfig, TracesConfig } from './traces_fields.ts'

export interface OwnTraces {
  readonly start: StartSpan
  /** Sends what is left. */
  shutdown(): Promise<void>
}

/** The part of own traces that needs the SDK. Rejects if a processor cannot be made. */
export async function ownTraces(config: TracesConfig, resource: OwnResource): Promise<OwnTraces> {
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ ...resource }),
    sampler: samplerOf(config.sampler),
    spanProcessors: await Promise.all(config.processors.map(processorOf)),
  })
  const tracer = provider.getTracer('weir')
  const start: StartSpan = (name, headerOf) => {
    const parent = headerOf && remoteParent(config.propagators, headerOf)
    const context = parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT
    const span = tracer.startSpan(name, { kind: SpanKind.INTERNAL }, context)
    return {
      end(attributes, error) {
        span.setAttributes({ ...attributes })
        if (error !== undefined) {
          const message = messageOf(error)
          span.setStatus({ code: SpanStatusCode.ERROR, message })
        }
        span.end()
      },
    }
  }
  return { start, shutdown: () => provider.shutdown() }
}

async function processorOf({ batch, simple }: ProcessorConfig): Promise<SpanProcessor> {
  const target = (batch ?? simple)?.exporter.otlp
  if (target === undefined) throw new Error('unsupported span processor')
  const delegate = await pushTo<ReadableSpan[], unknown>(target, {
    name: 'traces',
    protobuf: ProtobufTraceSerializer,
    json: JsonTraceSerializer,
    helper: TraceExporterMetricsHelper,
  })
  const exporter = new OTLPExporterBase(delegate)
  return batch === undefined
    ? new SimpleSpanProcessor(exporter)
    : new BatchSpanProcessor(exporter, batchOptions(batch))
}

function samplerOf(config: SamplerConfig | undefined): Sampler {
  if (config === undefined) return new ParentBasedSampler({ root: new AlwaysOnSampler() })
  if (config.parent_based === undefined) return rootOf(config)
  return new ParentBasedSampler({ root: rootOf(config.parent_based.root ?? {}) })
}

function rootOf(config: Partial<RootSamplerConfig>): Sampler {
  const { trace_id_ratio_based: ratio } = config
  if (config.always_off) return new AlwaysOffSampler()
  return ratio === undefined ? new AlwaysOnSampler() : new TraceIdRatioBasedSampler(ratio.ratio)
}
