/** `npm run bench:processors`: CPU time of each processor and connector per span, OTLP bytes in and OTLP bytes out, in one thread. */
import { parseArgs } from 'node:util'
import { components } from '../components.ts'
import { tracesCodec } from '../pipeline/codec/signal_codec.ts'
import type { Component, Consumer } from '../pipeline/component.ts'
import { int, string } from '../pipeline/data/attributes.ts'
import { type TraceBatch, traceBatch } from '../pipeline/data/batch.ts'
import { scanRequest } from '../pipeline/data/request.ts'
import { NO_LOSS } from '../pipeline/data/segment.ts'
import { NO_SPAN, type Span } from '../pipeline/data/traces.ts'
import { later, testContext } from '../test/support/context.ts'

const SPANS = 512
const HELP = `usage: npm run bench:processors -- [--seconds N] [NAME ...]

  ${SPANS} spans of 12 attributes through each, for N seconds (1), again and again. What makes no spans is told as it is: connectors
  make metrics at the end, after the clock has stopped.
`

type Row = readonly [kind: string, type: string, settings: object]

/** Settings as people write them. */
const ROWS: readonly Row[] = [
  ['processor', 'resource', { attributes: [{ action: 'upsert', key: 'env', value: 'prod' }] }],
  ['processor', 'attributes', { actions: [{ action: 'delete', key: 'attribute.1' }] }],
  ['processor', 'span', { name: { from_attributes: ['http.request.method', 'url.path'] } }],
  ['processor', 'filter', { traces: { span: ['attributes["http.response.status_code"] == 404'] } }],
  [
    'processor',
    'transform',
    { trace_statements: ['set(span.attributes["env"], "prod") where span.kind == 2'] },
  ],
  ['processor', 'redaction', { allow_all_keys: true, blocked_values: ['4[0-9]{15}'] }],
  ['processor', 'probabilistic_sampler', { sampling_percentage: 100 }],
  ['processor', 'group_by_attrs', { keys: ['http.request.method'] }],
  ['processor', 'group_by_trace', { wait_duration: '1ms' }],
  [
    'processor',
    'tail_sampling',
    { decision_wait: '1s', policies: [{ name: 'all', type: 'always_sample' }] },
  ],
  ['connector', 'span_metrics', {}],
  ['connector', 'service_graph', { store: { max_items: 100_000 } }],
  ['connector', 'exceptions', {}],
  ['connector', 'count', {}],
]

/** Those of one pipeline, one after the other. */
const PIPELINE = ['resource', 'attributes', 'filter', 'transform']

const spanOf = (i: number): Span => ({
  ...NO_SPAN,
  traceId: (i + 1).toString(16).padStart(32, '0'),
  spanId: (i + 1).toString(16).padStart(16, '0'),
  parentSpanId: i % 2 === 0 ? '' : i.toString(16).padStart(16, '0'),
  flags: 1,
  name: i % 2 === 0 ? 'GET /items' : 'POST /items',
  kind: 2 + (i % 2),
  start: [1_700_000_000, i],
  end: [1_700_000_001, i],
  attributes: [
    string('http.request.method', 'GET'),
    string('url.path', `/items/${i}/parts/7`),
    int('http.response.status_code', i % 50 === 0 ? 503 : 200),
    ...Array.from({ length: 9 }, (_, n) => string(`attribute.${n}`, `value ${n}`)),
  ],
})

const BYTES = traceBatch([
  {
    resource: { attributes: [string('service.name', 'shop')], droppedAttributesCount: 0 },
    scopeSpans: [
      {
        scope: { name: 'http', version: '1', attributes: [], droppedAttributesCount: 0 },
        spans: Array.from({ length: SPANS }, (_, i) => spanOf(i)),
        schemaUrl: '',
      },
    ],
    schemaUrl: '',
  },
]).toProtobuf()

/** A batch as a receiver makes it. */
function fresh(): TraceBatch {
  const scanned = scanRequest(tracesCodec, Buffer.from(BYTES), NO_LOSS)
  if (scanned.kind !== 'batch') throw new Error('the bytes are no request')
  return scanned.batch
}

type Step = Component & Consumer<TraceBatch>

/** Microseconds of CPU time per span. */
async function measure(step: Consumer<TraceBatch>, seconds: number): Promise<number> {
  const rounds = async (until: number): Promise<number> => {
    let done = 0
    for (; performance.now() < until; done++) await step.consume(fresh(), {})
    return done
  }
  await rounds(performance.now() + 500)
  const before = process.cpuUsage()
  const done = await rounds(performance.now() + seconds * 1000)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / (done * SPANS)
}

const sink: Consumer<{ toPieces(): unknown }> = {
  consume: (batch) => Promise.resolve(void batch.toPieces()),
}

async function stepOf([kind, type, settings]: Row, then: Consumer<never>): Promise<Step> {
  const listed = components.find((one) => one.kind === kind && one.type === type)
  const factory = await listed?.load()
  const { ctx } = testContext(type)
  const config = factory?.schema.parse(settings)
  if (factory?.kind === 'processor' && factory.create.traces) {
    return factory.create.traces(ctx, config, then)
  }
  if (factory?.kind === 'connector') {
    const made = factory.create['traces->metrics']?.(ctx, config, then)
    if (made !== undefined) return made
  }
  throw new Error(`${kind} ${type} takes no traces`)
}

async function main(seconds: number, names: readonly string[]): Promise<void> {
  const print = (name: string, us: number, base: number) =>
    console.log(`| ${name} | ${us.toFixed(2)} | ${(us - base).toFixed(2)} |`)
  console.log('| | us per span | above bytes that pass |\n|---|---|---|')
  const base = await measure(sink as Consumer<TraceBatch>, seconds)
  print('bytes pass', base, base)
  const recode: Consumer<TraceBatch> = {
    consume: (batch) => sink.consume(traceBatch(batch.resources()), {}),
  }
  print('decoded and encoded', await measure(recode, seconds), base)
  for (const row of ROWS) {
    const [, type] = row
    if (names.length > 0 && !names.includes(type)) continue
    const step = await stepOf(row, sink as Consumer<never>)
    await step.start()
    print(type, await measure(step, seconds), base)
    await step.shutdown(later())
  }
  let chain = sink as Consumer<never>
  for (const row of ROWS.filter(([, type]) => PIPELINE.includes(type)).toReversed()) {
    chain = (await stepOf(row, chain)) as Consumer<never>
  }
  print(PIPELINE.join(', '), await measure(chain, seconds), base)
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '1' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
const seconds = Number(values.seconds)
if (values.help) console.log(HELP)
else if (!(seconds > 0)) {
  console.error(`--seconds: expected a number above 0, got "${values.seconds}"`)
  process.exitCode = 2
} else await main(seconds, positionals)
