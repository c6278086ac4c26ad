import { object } from '../../config/fields.ts'
import { forward } from '../../connectors/forward/factory.ts'
import {
  type Component,
  type Consumer,
  defineExporter,
  defineExtension,
  defineProcessor,
  defineReceiver,
} from '../../pipeline/component.ts'
import type { TraceBatch } from '../../pipeline/data/batch.ts'
import type { PipelineConfig, PipelineSpec } from '../../pipeline/graph_config.ts'
import { testContext } from './context.ts'
import { spans } from './telemetry.ts'

const schema = object({})

type Settings = Readonly<Record<string, unknown>>

/** Ids that begin so are `forward` connectors, at whichever end they stand. */
const isLink = (id: string) => id.startsWith('link')
const isNoLink = (id: string) => !isLink(id)

/** Components that write down what happens to them. */
export function bench() {
  const events: string[] = []
  const inputs = new Map<string, Consumer<TraceBatch>[]>()
  const failing = new Map<string, Error>()
  const lifecycle = (id: string): Component => ({
    start() {
      events.push(`start ${id}`)
      const error = failing.get(`start ${id}`)
      return error === undefined ? Promise.resolve() : Promise.reject(error)
    },
    shutdown() {
      events.push(`stop ${id}`)
      return Promise.resolve()
    },
  })
  const receiver = defineReceiver({
    type: 'in',
    stability: { traces: 'beta' },
    schema,
    create: {
      traces(ctx, _config, next) {
        inputs.set(ctx.id, [...(inputs.get(ctx.id) ?? []), next])
        return lifecycle(ctx.id)
      },
    },
  })
  const processor = defineProcessor({
    type: 'pass',
    stability: { traces: 'beta' },
    access: 'opaque',
    schema,
    create: {
      traces: (ctx, _config, next) => ({
        ...lifecycle(ctx.id),
        consume(batch, info) {
          events.push(`${batch.count} through ${ctx.id}`)
          return next.consume(batch, info)
        },
      }),
    },
  })
  const exporter = defineExporter({
    type: 'out',
    stability: { traces: 'beta' },
    access: 'opaque',
    schema,
    create: {
      traces: (ctx) => ({
        ...lifecycle(ctx.id),
        consume(batch) {
          const error = failing.get(ctx.id)
          events.push(`${batch.count} in ${ctx.id}`)
          return error === undefined ? Promise.resolve() : Promise.reject(error)
        },
      }),
    },
  })
  const extension = defineExtension({
    type: 'ext',
    stability: { extension: 'beta' },
    schema,
    create: (ctx) => lifecycle(ctx.id),
  })
  const configOf = (
    pipelines: Record<string, PipelineSpec>,
    extensions: string[] = [],
    settings: Settings = {},
  ): PipelineConfig => {
    const specs = Object.values(pipelines)
    const section = <F>(factory: F, ids: readonly string[]) =>
      new Map([...new Set(ids)].map((id) => [id, { factory, config: settings[id] ?? {} }] as const))
    return {
      receivers: section(receiver, specs.flatMap((one) => one.receivers).filter(isNoLink)),
      processors: section(
        processor,
        specs.flatMap((one) => one.processors),
      ),
      exporters: section(exporter, specs.flatMap((one) => one.exporters).filter(isNoLink)),
      connectors: section(
        forward,
        specs.flatMap((one) => [...one.receivers, ...one.exporters]).filter(isLink),
      ),
      extensions: section(extension, extensions),
      pipelines: new Map(Object.entries(pipelines)),
      service: { extensions },
    }
  }
  const send = async (id: string, n: number) => {
    await inputs.get(id)?.at(-1)?.consume(spans(n), {})
  }
  return { events, inputs, failing, configOf, send }
}

export const hostOf = () => {
  const { ctx, counters, lines } = testContext()
  const statuses: string[] = []
  return {
    counters,
    lines,
    statuses,
    log: ctx.log,
    now: ctx.now,
    onStatus: (instance: { id: string }, status: { kind: string }) =>
      statuses.push(`${instance.id} ${status.kind}`),
  }
}

export const pipe = (
  receivers: string[],
  processors: string[],
  exporters: string[],
): PipelineSpec => ({
  receivers,
  processors,
  exporters,
})
