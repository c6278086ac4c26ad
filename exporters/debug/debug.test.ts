import assert from 'node:assert/strict'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, test } from 'node:test'
import { int, string } from '../../pipeline/data/attributes.ts'
import { logBatch, metricBatch, traceBatch } from '../../pipeline/data/batch.ts'
import type { Metric, NumberPoint } from '../../pipeline/data/metrics.ts'
import { later, testContext } from '../../test/support/context.ts'
import {
  gauge,
  logRecord,
  point,
  resourceLogs,
  resourceMetrics,
  resourceSpans,
  span,
} from '../../test/support/telemetry.ts'
import { debugExporter } from './debug.ts'
import { debug } from './factory.ts'
import { sampler } from './sampler.ts'

const traces = traceBatch([
  resourceSpans([
    span({
      parentSpanId: '00f067aa0ba902b7',
      traceState: 'a=1',
      droppedAttributesCount: 1,
      events: [
        {
          time: [1_700_000_000, 100_000_000],
          name: 'exception',
          attributes: [string('exception.type', 'E')],
          droppedAttributesCount: 0,
        },
      ],
      links: [
        {
          traceId: '0af7651916cd43dd8448eb211c80319c',
          spanId: 'b7ad6b7169203331',
          traceState: '',
          attributes: [],
          droppedAttributesCount: 2,
          flags: 1,
        },
      ],
      status: { code: 2, message: 'boom' },
    }),
  ]),
])

const valued = (value: NumberPoint['value'], name: string): Metric => ({
  ...gauge(name, 0),
  data: { kind: 'sum', temporality: 2, monotonic: true, points: [{ ...point(0), value }] },
})
const common = { ...point(0), count: 3, sum: 1.25, min: 0, max: undefined, exemplars: [] }
const metrics = metricBatch([
  resourceMetrics([
    valued({ kind: 'int', value: 7 }, 'int'),
    valued({ kind: 'double', value: 1.23 }, 'double'),
    {
      ...gauge('histogram', 0),
      data: {
        kind: 'histogram',
        temporality: 1,
        points: [{ ...common, bucketCounts: [1, 2], explicitBounds: [0.5] }],
      },
    },
    {
      ...gauge('exponential', 0),
      data: {
        kind: 'exponential_histogram',
        temporality: 1,
        points: [
          {
            ...common,
            scale: 0,
            zeroCount: 1,
            zeroThreshold: 0,
            positive: { offset: 1, bucketCounts: [1, 1] },
            negative: { offset: -1, bucketCounts: [4, 5] },
          },
        ],
      },
    },
    {
      ...gauge('summary', 0),
      data: {
        kind: 'summary',
        points: [{ ...point(0), count: 1, sum: 15, quantiles: [{ quantile: 0.01, value: 15 }] }],
      },
    },
  ]),
])

const logs = logBatch([
  resourceLogs([
    { ...logRecord('hello'), attributes: [int('n', 1)] },
    {
      ...logRecord(''),
      severityNumber: 18,
      body: {
        kind: 'kvlist',
        value: [
          string('z', 'last'),
          { key: 'a', value: { kind: 'array', value: [{ kind: 'bool', value: true }] } },
        ],
      },
    },
  ]),
])

/** What the exporter writes to standard output for one batch of each signal. */
async function shown(verbosity: string): Promise<string> {
  let text = ''
  const write = (bytes: Uint8Array) => {
    text += Buffer.from(bytes).toString()
    return bytes.length
  }
  const open = () => ({ write, close: () => undefined })
  const config = debug.schema.parse({ verbosity, use_internal_logger: false })
  const { ctx } = testContext('debug')
  const all = [
    [debugExporter(ctx, config, 'traces', open), traces],
    [debugExporter(ctx, config, 'metrics', open), metrics],
    [debugExporter(ctx, config, 'logs', open), logs],
  ] as const
  for (const [exporter, batch] of all) {
    await exporter.start()
    await exporter.consume(batch as never, {})
    await exporter.shutdown(later())
  }
  return text
}

const testdata = path.join(import.meta.dirname, '../../../exporters/debug/testdata')

describe('debug', () => {
  for (const verbosity of ['basic', 'normal', 'detailed']) {
    test(`verbosity ${verbosity} writes what testdata/${verbosity}.txt holds`, async () => {
      const file = path.join(testdata, `${verbosity}.txt`)
      const text = await shown(verbosity)
      if (process.env['UPDATE_GOLDEN'] === '1') fs.writeFileSync(file, text)
      assert.equal(text, fs.readFileSync(file, 'utf8'))
    })
  }

  test('by default it goes to the log, as the Collector says it', async () => {
    const { ctx, lines, count } = testContext('debug')
    const config = debug.schema.parse({})
    const open = () => assert.fail('standard output was opened')
    const exporter = debugExporter(ctx, config, 'traces', open)
    await exporter.start()
    await exporter.consume(traces, {})
    await exporter.shutdown(later())
    assert.deepEqual(lines, ['info\tTraces\t{"resource spans":1,"spans":1}'])
    assert.equal(count('sent_spans'), 1)
  })

  test('output_paths are files too, all of them, behind what is there', async (t) => {
    const folder = fs.mkdtempSync(path.join(tmpdir(), 'weir-debug-'))
    t.after(() => fs.rmSync(folder, { recursive: true }))
    const files = [path.join(folder, 'a'), path.join(folder, 'b')]
    fs.writeFileSync(path.join(folder, 'a'), 'before\n')
    const output_paths = [files[0], `file://${files[1]}`]
    const config = debug.schema.parse({ use_internal_logger: false, output_paths })
    const exporter = debugExporter(testContext('debug').ctx, config, 'traces')
    await exporter.start()
    await exporter.consume(traces, {})
    await exporter.shutdown(later())
    const line = 'Traces\t{"resource spans":1,"spans":1}\n'
    assert.deepEqual(
      files.map((file) => fs.readFileSync(file, 'utf8')),
      [`before\n${line}`, line],
    )
  })

  test('an output that cannot be opened stops the start, by name', async () => {
    const config = debug.schema.parse({ use_internal_logger: false, output_paths: ['/no/where'] })
    const exporter = debugExporter(testContext('debug').ctx, config, 'traces')
    await assert.rejects(exporter.start(), /^Error: open output "\/no\/where": ENOENT/)
  })

  test('with a sending_queue the sender does not wait', async () => {
    const { ctx, lines, count } = testContext('debug')
    const exporter = debugExporter(ctx, debug.schema.parse({ sending_queue: {} }), 'traces')
    await exporter.start()
    await exporter.consume(traces, {})
    await exporter.shutdown(later())
    assert.equal(count('sent_spans'), 1)
    assert.equal(lines.length, 1)
  })
})

describe('sampler', () => {
  test('the first of each second, then every n-th', () => {
    let now = 0
    const passes = sampler(2, 3, () => now)
    const second = () => Array.from({ length: 9 }, () => (passes() ? 1 : 0)).join('')
    assert.equal(second(), '110010010')
    now = 999
    assert.equal(passes(), false)
    now = 1000
    assert.equal(second(), '110010010')
  })

  test('thereafter 0 lets no more pass', () => {
    const passes = sampler(1, 0, () => 0)
    assert.deepEqual([passes(), passes(), passes()], [true, false, false])
  })
})
