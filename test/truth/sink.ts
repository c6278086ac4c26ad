import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A span as the backend got it, with what the tests compare pulled out. Times are milliseconds since 1970. */
export interface ReceivedSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string
  readonly name: string
  readonly kind: 'server' | 'client' | 'producer' | 'consumer' | 'other'
  readonly start: number
  readonly end: number
  readonly error: boolean
  readonly service: string
  readonly processId: number
  readonly attributes: ReadonlyMap<string, string | number | boolean>
  readonly resource: ReadonlyMap<string, string | number | boolean>
  /** The traces that it links to. */
  readonly links: readonly string[]
}

export interface Sink {
  readonly endpoint: string
  readonly spans: readonly ReceivedSpan[]
  /**
   * Resolves once `enough` says so of all spans so far, or when no span has come for `quietMs`; where others keep sending,
   * after ten times that.
   */
  settled(enough: (spans: readonly ReceivedSpan[]) => boolean, quietMs: number): Promise<void>
  close(): Promise<void>
}

interface JsonValue {
  readonly stringValue?: string
  readonly intValue?: string | number
  readonly doubleValue?: number
  readonly boolValue?: boolean
}

interface JsonAttribute {
  readonly key: string
  readonly value?: JsonValue
}

interface JsonSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes?: readonly JsonAttribute[]
  readonly links?: readonly { readonly traceId: string }[]
  readonly status?: { readonly code?: number }
}

interface JsonRequest {
  readonly resourceSpans?: readonly {
    readonly resource?: { readonly attributes?: readonly JsonAttribute[] }
    readonly scopeSpans?: readonly { readonly spans?: readonly JsonSpan[] }[]
  }[]
}

function scalar(value: JsonValue | undefined): string | number | boolean {
  if (value?.intValue !== undefined) return Number(value.intValue)
  return value?.stringValue ?? value?.boolValue ?? value?.doubleValue ?? ''
}

function toMap(attributes: readonly JsonAttribute[] = []): Map<string, string | number | boolean> {
  return new Map(attributes.map(({ key, value }) => [key, scalar(value)]))
}

const milliseconds = (nanoseconds: string): number => Number(BigInt(nanoseconds) / 1000n) / 1000

const KINDS: Readonly<Record<number, ReceivedSpan['kind']>> = {
  2: 'server',
  3: 'client',
  4: 'producer',
  5: 'consumer',
}

function spansOf(request: JsonRequest): ReceivedSpan[] {
  const received: ReceivedSpan[] = []
  for (const { resource, scopeSpans = [] } of request.resourceSpans ?? []) {
    const resourceAttributes = toMap(resource?.attributes)
    for (const span of scopeSpans.flatMap((scope) => scope.spans ?? [])) {
      received.push({
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId ?? '',
        name: span.name,
        kind: KINDS[span.kind] ?? 'other',
        start: milliseconds(span.startTimeUnixNano),
        end: milliseconds(span.endTimeUnixNano),
        error: span.status?.code === 2,
        service: String(resourceAttributes.get('service.name') ?? ''),
        processId: Number(resourceAttributes.get('process.pid') ?? 0),
        attributes: toMap(span.attributes),
        resource: resourceAttributes,
        links: span.links?.map(({ traceId }) => traceId) ?? [],
      })
    }
  }
  return received
}

/** In quiet times. */
const LONGEST_WAIT = 10

/** An OTLP/HTTP backend for JSON on a free loopback port, which keeps every span it is sent. */
export async function startSink(): Promise<Sink> {
  const spans: ReceivedSpan[] = []
  const waiting = new Set<() => void>()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      spans.push(...spansOf(JSON.parse(Buffer.concat(chunks).toString()) as JsonRequest))
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
      for (const arrived of waiting) arrived()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    endpoint: `http://127.0.0.1:${port}`,
    spans,
    settled: (enough, quietMs) =>
      new Promise((resolve) => {
        const done = () => {
          clearTimeout(quiet)
          clearTimeout(last)
          waiting.delete(arrived)
          resolve()
        }
        const last = setTimeout(done, LONGEST_WAIT * quietMs)
        let quiet = setTimeout(done, quietMs)
        const arrived = () => {
          clearTimeout(quiet)
          if (enough(spans)) done()
          else quiet = setTimeout(done, quietMs)
        }
        waiting.add(arrived)
        arrived()
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
