import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { metricBatch } from '../../pipeline/data/batch.ts'
import type { Metric } from '../../pipeline/data/metrics.ts'
import { unsnappy } from '../../pipeline/net/snappy.ts'
import { later, testContext } from '../../test/support/context.ts'
import { type Answer, backend } from '../../test/support/http_backend.ts'
import { gauge, resourceMetrics } from '../../test/support/telemetry.ts'
import { prometheusRemoteWrite } from './factory.ts'

export const SOON = { retry_on_failure: { initial_interval: '1ms' } }

export const refuse =
  (status: number, headers = {}): Answer =>
  (_request, response) =>
    response.writeHead(status, headers).end('not so')

/** An exporter to a URL, without a queue unless `options` say so. */
export async function exporterTo(t: TestContext, url: string, options: object = {}) {
  const { ctx, ...seen } = testContext('prometheus_remote_write')
  const config = prometheusRemoteWrite.schema.parse({
    endpoint: `${url}/api/v1/write`,
    remote_write_queue: { enabled: false },
    ...options,
  })
  const exporter = prometheusRemoteWrite.create.metrics?.(ctx, config)
  assert(exporter)
  t.after(() => exporter.shutdown(later()))
  await exporter.start()
  const send = (...metrics: Metric[]) =>
    exporter.consume(metricBatch([resourceMetrics(metrics)]), {})
  return { exporter, send, ...seen }
}

/** The same with a backend on loopback. */
export async function started(t: TestContext, options: object = {}, answer?: Answer) {
  const { received, url } = await backend(t, answer)
  return { received, ...(await exporterTo(t, url, options)) }
}

/** Metrics of one point each, so that each is one series. */
export const many = (n: number) => Array.from({ length: n }, (_, i) => gauge(`load.${i}`, 1))

const MAX_BYTES = 16 << 20

type Field = readonly [number: number, value: Buffer | bigint]

/** What a message has, read without any schema: numbers, and bytes of all that has a length or a fixed one. */
function fieldsOf(bytes: Buffer): Field[] {
  const fields: Field[] = []
  let at = 0
  const varint = () => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++] ?? 0
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
  const take = (length: number) => {
    at += length
    return bytes.subarray(at - length, at)
  }
  while (at < bytes.length) {
    const tag = Number(varint())
    const kind = tag & 7
    fields.push([tag >> 3, kind === 0 ? varint() : take(kind === 1 ? 8 : Number(varint()))])
  }
  return fields
}

const all = (bytes: Buffer, field: number): Buffer[] =>
  fieldsOf(bytes).flatMap(([number, value]) =>
    number === field && typeof value === 'object' ? [value] : [],
  )

const integer = (bytes: Buffer, field: number): bigint | undefined =>
  fieldsOf(bytes).find(([number]) => number === field)?.[1] as bigint | undefined

const labelsOf = (bytes: Buffer): string =>
  all(bytes, 1)
    .map((label) => `${all(label, 1)}=${all(label, 2)}`)
    .join(' ')

const double = (bytes: Buffer | undefined): string =>
  bytes?.readBigUInt64LE() === 0x7ff0_0000_0000_0002n ? 'stale' : String(bytes?.readDoubleLE())

const plainOf = (body: Uint8Array): Buffer =>
  unsnappy(body, MAX_BYTES, () => new Error('too large')) as Buffer

const sample = (one: Buffer): string => `sample ${double(all(one, 1)[0])} @${integer(one, 2)}`

/** A request as text, a series a line, as a reader of the specification sees it. */
export function decodeRequest(body: Uint8Array): { names: string[]; lines: string[] } {
  const plain = plainOf(body)
  const lines = all(plain, 1).map((series) =>
    [
      labelsOf(series),
      ...all(series, 2).map(sample),
      ...all(series, 3).map(
        (one) => `exemplar ${labelsOf(one)} ${double(all(one, 2)[0])} @${integer(one, 3)}`,
      ),
      ...all(series, 4).map((one) => `histogram ${one.toString('hex')}`),
    ].join(' | '),
  )
  const metadata = all(plain, 3).map(
    (one) => `metadata ${integer(one, 1)} ${all(one, 2)} "${all(one, 4)}" "${all(one, 5)}"`,
  )
  return { names: lines.map(nameIn), lines: [...lines, ...metadata] }
}

const nameIn = (line: string): string => /__name__=(\S+)/.exec(line)?.[1] ?? ''

/** Numbers without a field each, as protobuf packs them. */
function packed(bytes: Buffer | undefined): number[] {
  const numbers: number[] = []
  let [value, shift] = [0, 0]
  for (const byte of bytes ?? []) {
    value += (byte & 0x7f) * 2 ** shift
    shift += 7
    if (byte >= 0x80) continue
    numbers.push(value)
    value = 0
    shift = 0
  }
  return numbers
}

/** A native histogram, however its zeros and lists are written. */
export function decodeHistogram(hex: string) {
  const bytes = Buffer.from(hex, 'hex')
  const [custom = Buffer.alloc(0)] = all(bytes, 16)
  return {
    count: integer(bytes, 1),
    sum: double(all(bytes, 3)[0]),
    schema: integer(bytes, 4),
    zeroThreshold: all(bytes, 5)[0]?.readDoubleLE() ?? 0,
    zeroCount: integer(bytes, 6) ?? 0n,
    spans: all(bytes, 11).map((span) => [integer(span, 1) ?? 0n, integer(span, 2)]),
    deltas: fieldsOf(bytes)
      .filter(([number]) => number === 12)
      .flatMap(([, value]) => (typeof value === 'object' ? packed(value).map(BigInt) : [value])),
    timeMs: integer(bytes, 15),
    customValues: Array.from({ length: custom.length / 8 }, (_, i) => custom.readDoubleLE(8 * i)),
  }
}

/** A request of version 2.0: its symbols, its series, and how much it is of each kind. */
export function decodeRequestV2(body: Uint8Array) {
  const plain = plainOf(body)
  const symbols = all(plain, 4).map(String)
  const text = (number: number | bigint | undefined) => symbols[Number(number ?? 0)]
  const labels = (of: Buffer) =>
    packed(all(of, 1)[0])
      .map((number, i) => `${text(number)}${i % 2 === 0 ? '=' : ' '}`)
      .join('')
      .trim()
  const started = (one: Buffer, field: number) => {
    const start = integer(one, field)
    return start === undefined ? '' : ` since ${start}`
  }
  const series = all(plain, 5)
  const lines = series.map((one) => {
    const [metadata = Buffer.alloc(0)] = all(one, 5)
    return [
      labels(one),
      ...all(one, 2).map((each) => sample(each) + started(each, 3)),
      ...all(one, 3).map((each) => `histogram ${each.toString('hex')}${started(each, 17)}`),
      ...all(one, 4).map(
        (each) => `exemplar ${labels(each)} ${double(all(each, 2)[0])} @${integer(each, 3)}`,
      ),
      `${integer(metadata, 1)} "${text(integer(metadata, 3))}" "${text(integer(metadata, 4))}"`,
    ].join(' | ')
  })
  const count = (field: number) => series.reduce((sum, one) => sum + all(one, field).length, 0)
  return {
    symbols,
    lines,
    names: lines.map(nameIn),
    samples: count(2),
    histograms: count(3),
    exemplars: count(4),
  }
}
