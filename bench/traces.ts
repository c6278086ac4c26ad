/** `npm run bench:traces`: memory of traces that wait in tail_sampling, whose spans come in batches as from a node's programs. */
import { parseArgs } from 'node:util'
import { tracesCodec } from '../pipeline/codec/signal_codec.ts'
import { int, string } from '../pipeline/data/attributes.ts'
import { traceBatch } from '../pipeline/data/batch.ts'
import { scanRequest } from '../pipeline/data/request.ts'
import { NO_LOSS } from '../pipeline/data/segment.ts'
import { NO_SPAN, type Span } from '../pipeline/data/traces.ts'
import { tailSampling } from '../processors/tail_sampling/factory.ts'
import { later, testContext } from '../test/support/context.ts'

const MIB = 1 << 20
const TRACES_OF_BATCH = 100
const HELP = `usage: npm run bench:traces -- [--traces N] [--spans N]

  N traces (20000) of N spans (5) of 12 attributes are open at the same time; prints what they add to the memory of the process.
`

const spanOf = (trace: number, span: number): Span => ({
  ...NO_SPAN,
  traceId: (trace + 1).toString(16).padStart(32, '0'),
  spanId: (trace * 1000 + span + 1).toString(16).padStart(16, '0'),
  flags: 1,
  name: 'GET /items',
  kind: 2,
  start: [1_700_000_000, span],
  end: [1_700_000_001, span],
  attributes: [
    string('http.request.method', 'GET'),
    string('url.path', `/items/${trace}/parts/${span}`),
    int('http.response.status_code', 200),
    ...Array.from({ length: 9 }, (_, n) => string(`attribute.${n}`, `value ${n}`)),
  ],
})

/** One span of each of some traces, as a receiver reads it. */
function batchOf(first: number, span: number) {
  const spans = Array.from({ length: TRACES_OF_BATCH }, (_, i) => spanOf(first + i, span))
  const resource = { attributes: [string('service.name', 'shop')], droppedAttributesCount: 0 }
  const scope = { name: 'http', version: '1', attributes: [], droppedAttributesCount: 0 }
  const bytes = traceBatch([
    { resource, scopeSpans: [{ scope, spans, schemaUrl: '' }], schemaUrl: '' },
  ]).toProtobuf()
  const scanned = scanRequest(tracesCodec, bytes, NO_LOSS)
  if (scanned.kind !== 'batch') throw new Error('the bytes are no request')
  return scanned.batch
}

/** After everything that can be given back was. */
function residentMiB(): number {
  for (let i = 0; i < 3; i++) globalThis.gc?.()
  return process.memoryUsage.rss() / MIB
}

async function measure(traces: number, spans: number): Promise<void> {
  const { ctx, count } = testContext('tail_sampling')
  const config = tailSampling.schema.parse({
    decision_wait: '1h',
    num_traces: traces,
    policies: [{ name: 'all', type: 'always_sample' }],
  })
  const next = { consume: () => Promise.resolve() }
  const processor = tailSampling.create.traces?.(ctx, config, next)
  await processor?.start()
  await processor?.consume(batchOf(0, 0), {})
  const before = residentMiB()
  for (let span = 0; span < spans; span++) {
    for (let first = 0; first < traces; first += TRACES_OF_BATCH) {
      await processor?.consume(batchOf(first, span), {})
    }
  }
  const after = residentMiB()
  const kib = ((after - before) * 1024) / traces
  console.log(
    `${traces} open traces of ${spans} spans: ${(after - before).toFixed(0)} MiB more (RSS ${before.toFixed(0)} to ${after.toFixed(0)} MiB), ${kib.toFixed(1)} KiB each; dropped too early: ${count('dropped_too_early')}`,
  )
  await processor?.shutdown(later())
}

const { values } = parseArgs({
  options: {
    traces: { type: 'string', default: '20000' },
    spans: { type: 'string', default: '5' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
const [traces, spans] = [Number(values.traces), Number(values.spans)]
if (values.help) console.log(HELP)
else if (!(traces >= TRACES_OF_BATCH && traces % TRACES_OF_BATCH === 0 && spans >= 1)) {
  console.error(`--traces: expected hundreds, got "${values.traces}"; --spans: "${values.spans}"`)
  process.exitCode = 2
} else await measure(traces, spans)
