import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isMap, toPlain } from '../expanded.ts'
import { formatIssue } from '../issue.ts'
import { defaultOverlay } from './default_overlay.ts'

/** The settings of the exporter that an environment gives, those of gRPC under their type. */
function exporter(env: Record<string, string>): unknown {
  const { node } = defaultOverlay(env)
  if (node === undefined) return undefined
  const plain = JSON.parse(JSON.stringify(toPlain(node)))
  return plain.exporters.otlp_http ?? plain.exporters
}

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://backend:4318' }
const endpoint = 'http://backend:4318'

type Row = [name: string, env: Record<string, string>, want: unknown]
const rows: Row[] = [
  ['nothing set', {}, undefined],
  ['an empty endpoint', { OTEL_EXPORTER_OTLP_ENDPOINT: '' }, undefined],
  ['an endpoint', ENDPOINT, { endpoint }],
  [
    'that of traces wins',
    { ...ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://t/x' },
    { traces_endpoint: 'http://t/x' },
  ],
  [
    'headers',
    { ...ENDPOINT, OTEL_EXPORTER_OTLP_HEADERS: 'a=1, b=x%20y=z,' },
    { endpoint, headers: { a: '1', b: 'x y=z' } },
  ],
  [
    'a dollar in a header is no reference',
    { ...ENDPOINT, OTEL_EXPORTER_OTLP_HEADERS: 'a=$x' },
    { endpoint, headers: { a: '$$x' } },
  ],
  [
    'compression',
    { ...ENDPOINT, OTEL_EXPORTER_OTLP_COMPRESSION: 'none' },
    { endpoint, compression: 'none' },
  ],
  [
    'none to this machine itself',
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' },
    { endpoint: 'http://127.0.0.1:4318', compression: 'none' },
  ],
  [
    'unless told',
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'localhost:4317',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    },
    { otlp_grpc: { endpoint: 'localhost:4317', compression: 'gzip' } },
  ],
  [
    'a host that only begins so',
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost.example:4318' },
    { endpoint: 'http://localhost.example:4318' },
  ],
  [
    'a timeout in milliseconds',
    { ...ENDPOINT, OTEL_EXPORTER_OTLP_TIMEOUT: '2500' },
    { endpoint, timeout: '2500ms' },
  ],
  [
    'JSON',
    { ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
    { endpoint, encoding: 'json' },
  ],
  [
    'protobuf',
    { ...ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf' },
    { endpoint, encoding: 'proto' },
  ],
  [
    'certificates',
    {
      ...ENDPOINT,
      OTEL_EXPORTER_OTLP_CERTIFICATE: 'ca',
      OTEL_EXPORTER_OTLP_CLIENT_KEY: 'k',
      OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: 'c',
    },
    { endpoint, tls: { ca_file: 'ca', cert_file: 'c', key_file: 'k' } },
  ],
  [
    'gRPC, without TLS',
    {
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'backend:4317',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_EXPORTER_OTLP_INSECURE: 'true',
    },
    { otlp_grpc: { endpoint: 'backend:4317', tls: { insecure: true } } },
  ],
]

describe('OTEL_EXPORTER_OTLP_*', () => {
  for (const [name, env, want] of rows) test(name, () => assert.deepEqual(exporter(env), want))

  test('a pipeline goes from ebpf by batch to otlp_http', () => {
    const plain = JSON.parse(
      JSON.stringify(
        toPlain(defaultOverlay(ENDPOINT).node ?? { value: null, origin: { source: '' } }),
      ),
    )
    assert.deepEqual(plain.service.pipelines, {
      'traces/otlp': { receivers: ['ebpf'], processors: ['batch'], exporters: ['otlp_http'] },
    })
  })

  test('a value names its variable', () => {
    const { node } = defaultOverlay(ENDPOINT)
    let found = node
    for (const key of ['exporters', 'otlp_http', 'endpoint']) {
      found = found !== undefined && isMap(found.value) ? found.value.get(key)?.node : undefined
    }
    assert.equal(found?.origin.source, 'env:OTEL_EXPORTER_OTLP_ENDPOINT')
  })
})

type Issue = [name: string, env: Record<string, string>, want: RegExp]
const refusals: Issue[] = [
  [
    'another protocol',
    { OTEL_EXPORTER_OTLP_PROTOCOL: 'thrift' },
    /expected "grpc", "http\/protobuf" or "http\/json", got "thrift"/,
  ],
  [
    'headers that are none',
    { OTEL_EXPORTER_OTLP_HEADERS: 'secret' },
    /^env:OTEL_EXPORTER_OTLP_HEADERS: expected "name=value/,
  ],
  [
    'logs',
    { OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'x' },
    /warning: has no effect: the default configuration makes traces and metrics only/,
  ],
  ['insecure', { OTEL_EXPORTER_OTLP_INSECURE: 'true' }, /warning: has no effect: the scheme/],
]

describe('what cannot be honoured', () => {
  for (const [name, env, want] of refusals) {
    test(name, () => {
      const issues = defaultOverlay({ ...ENDPOINT, ...env }).issues.map(formatIssue)
      assert.equal(issues.length, 1)
      assert.match(issues.join(), want)
    })
  }

  test('a header that is none is not printed', () => {
    const { issues } = defaultOverlay({ ...ENDPOINT, OTEL_EXPORTER_OTLP_HEADERS: 'hunter2' })
    assert.equal(issues.map(formatIssue).join().includes('hunter2'), false)
  })
})
