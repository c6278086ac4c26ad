import assert from 'node:assert/strict'
import {
  redactor,
  SENSITIVE_QUERY_PARAMETERS,
} from '../../receivers/ebpf/protocols/http1/redact.ts'
import { requestUrl } from '../../receivers/ebpf/protocols/http1/url.ts'
import { extract } from '../../receivers/ebpf/trace_context/extract.ts'
import { mutate, type Random } from './random.ts'

const TARGETS = ['/a/b?c=d&sig=e%2F', 'http://u:p@[::1]:80/x?y', 'a:443', '*'] as const
const HEADERS = {
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  tracestate: 'rojo=00f067aa0ba902b7,congo@t61rcWkgMzE=t61r',
  b3: '0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1-05e3ac9a4f6e3b90',
  b3TraceId: '0af7651916cd43dd8448eb211c80319c',
  b3SpanId: 'b7ad6b7169203331',
  b3Sampled: '1',
  b3Flags: '1',
} as const

const redact = redactor(SENSITIVE_QUERY_PARAMETERS)

const mutateText = (from: Random, text: string) =>
  mutate(from, Buffer.from(text, 'latin1')).toString('latin1')

/** Whatever a target is, its parts come back, and no value of a sensitive key does. */
export function fuzzUrl(from: Random): void {
  const target = mutateText(from, from.pick(TARGETS))
  const url = requestUrl(from.pick(['GET', 'CONNECT']), target, mutateText(from, 'host:80'))
  assert.ok(url.port >= 0 && url.port <= 65_535)
  assert.doesNotMatch(redact(`${url.query}&sig=secret`), /secret/)
}

/** Whatever the headers are, a parent has ids of the right form, or there is none. */
export function fuzzTraceContext(from: Random): void {
  const headers = Object.entries(HEADERS).map(([name, value]) => [
    name,
    from.chance(3) ? '' : mutateText(from, value),
  ])
  const { parent } = extract({ traceparents: from.below(3), ...Object.fromEntries(headers) })
  if (parent === undefined) return
  assert.match(parent.traceId, /^(?!0+$)[0-9a-f]{32}$/)
  assert.match(parent.spanId, /^(?!0+$)[0-9a-f]{16}$/)
  assert.ok(parent.traceState.length <= 4096)
}
