import { mock } from 'node:test'
import {
  logsCodec,
  metricsCodec,
  type SignalCodec,
  tracesCodec,
} from '../../pipeline/codec/signal_codec.ts'
import {
  type BatchOf,
  type Component,
  type Consumer,
  type Context,
  type Factory,
  type Info,
  type Pair,
  RefusedError,
} from '../../pipeline/component.ts'
import type { Batch } from '../../pipeline/data/batch.ts'
import { readJsonRequest } from '../../pipeline/data/request.ts'
import { later, testContext } from '../support/context.ts'
import type { GoldenCase, Step } from './case.ts'
import { fromOtlp, type GoldenSignal, isGoldenSignal, type Json, toOtlp } from './otlp.ts'

/** All clocks begin here. */
const BEGIN_MS = 1_000_000
/** Turns of the event loop in which a component has done what it can do at once. */
const TURNS = 12
/** A wait is made of whole seconds, or of so many pieces, so that what a timer begins can go on before the next one. */
const MAX_PIECES = 60

/** What one case has shown, in the form of the case. */
export interface Played {
  readonly steps: readonly Pick<Step, 'out' | 'refused'>[]
  readonly end?: readonly Json[]
  readonly error?: string
  readonly counts: Readonly<Record<string, number>>
  readonly log: readonly string[]
}

const codecs: { readonly [S in GoldenSignal]: SignalCodec<never> } = {
  traces: tracesCodec as unknown as SignalCodec<never>,
  metrics: metricsCodec as unknown as SignalCodec<never>,
  logs: logsCodec as unknown as SignalCodec<never>,
}

type AnyBatch = Batch<never>
type Playable = Component & Consumer<AnyBatch>

/** What comes out of a component: into pipelines by name, which may be told to fail. */
class Outlet {
  #out: Json[] = []
  failing: readonly string[] = []
  readonly #signal: GoldenSignal
  readonly #pipelines: readonly string[]

  constructor(signal: GoldenSignal, pipelines: readonly string[]) {
    this.#signal = signal
    this.#pipelines = pipelines
  }

  readonly next: Consumer<AnyBatch> = {
    consume: (batch) => this.#take(undefined, batch),
    to: (pipeline) =>
      this.#pipelines.includes(pipeline)
        ? { consume: (batch) => this.#take(pipeline, batch) }
        : undefined,
  }

  #take(pipeline: string | undefined, batch: AnyBatch): Promise<void> {
    if (this.failing.includes(pipeline ?? 'next')) {
      return Promise.reject(new RefusedError(`${pipeline ?? 'next'} takes nothing`))
    }
    const resources = fromOtlp(this.#signal, JSON.parse(batch.toJson()))
    this.#out.push(
      pipeline === undefined ? { batch: resources } : { to: pipeline, batch: resources },
    )
    return Promise.resolve()
  }

  /** What has come since the last time. */
  taken(): { readonly out: readonly Json[] } | object {
    const out = this.#out
    this.#out = []
    return out.length === 0 ? {} : { out }
  }
}

/** Plays a case with the configuration given. */
export async function play(factory: Factory, one: GoldenCase, config: Json): Promise<Played> {
  const [from = '', to = from] = one.signal.split('->')
  if (!isGoldenSignal(from) || !isGoldenSignal(to)) throw new Error(`no signal ${one.signal}`)
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: BEGIN_MS })
  const { ctx, counters, lines } = testContext(factory.type, () => Date.now())
  const outlet = new Outlet(to, one.pipelines ?? [])
  const shown = () => ({
    counts: Object.fromEntries(
      counters
        .snapshot()
        .filter(({ kind }) => kind === 'counter')
        .map(({ name, labels, value }) => [[name, ...Object.values(labels)].join(' '), value]),
    ),
    log: lines
      .filter((line) => /^(warn|error)\t/.test(line))
      .map((line) => line.replaceAll('\t', ' ')),
  })
  let component: Playable | undefined
  const steps: Played['steps'][number][] = []
  try {
    component = create(factory, one.signal, ctx, config, outlet.next)
    await component.start()
    for (const step of one.steps ?? []) steps.push(await playStep(component, from, step, outlet))
    await component.shutdown(later())
    const { out: end } = outlet.taken() as { out?: readonly Json[] }
    return { steps, ...(end === undefined ? {} : { end }), ...shown() }
  } catch (error) {
    await component?.shutdown(later())
    return { steps, error: error instanceof Error ? error.message : String(error), ...shown() }
  } finally {
    mock.timers.reset()
  }
}

function create(
  factory: Factory,
  signal: string,
  ctx: Context,
  config: Json,
  next: Consumer<AnyBatch>,
): Playable {
  const parsed = factory.schema.parse(config)
  const made =
    factory.kind === 'connector'
      ? factory.create[signal as Pair]?.(ctx, parsed, next as Consumer<never>)
      : factory.kind === 'processor'
        ? factory.create[signal as GoldenSignal]?.(ctx, parsed, next as Consumer<never>)
        : undefined
  if (made === undefined) throw new Error(`${factory.type} takes no ${signal}`)
  return made as unknown as Playable
}

async function playStep(component: Playable, signal: GoldenSignal, step: Step, outlet: Outlet) {
  outlet.failing = step.failing ?? []
  let refused: string | undefined
  if (step.in !== undefined) {
    const consumed = component
      .consume(batchOf(signal, step.in) as unknown as BatchOf[never], infoOf(step))
      .catch((error: Error) => {
        refused = error.message
      })
    await Promise.race([consumed, turns()])
  }
  if (step.wait !== undefined) await pass(step.wait * 1000)
  return { ...outlet.taken(), ...(refused === undefined ? {} : { refused }) }
}

function batchOf(signal: GoldenSignal, resources: readonly Json[]): AnyBatch {
  const bytes = Buffer.from(JSON.stringify(toOtlp(signal, resources)))
  const read = readJsonRequest(codecs[signal], bytes, () => undefined)
  if (read.kind === 'invalid') throw new Error(`a case's own data: ${read.reason}`)
  return read.batch
}

function infoOf({ client }: Step): Info {
  if (client === undefined) return {}
  const { address = '127.0.0.1', metadata = {}, auth } = client
  return {
    client: {
      address,
      metadata: new Map(Object.entries(metadata)),
      ...(auth === undefined ? {} : { auth: new Map(Object.entries(auth)) }),
    },
  }
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setImmediate(resolve))
}

async function pass(ms: number): Promise<void> {
  const piece = Math.ceil(ms / 1000 / MAX_PIECES) * 1000
  for (let left = ms; left > 0; left -= piece) {
    mock.timers.tick(Math.min(piece, left))
    await turns()
  }
}
