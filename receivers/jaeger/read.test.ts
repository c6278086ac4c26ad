import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { int, string } from '../../pipeline/data/attributes.ts'
import { type JaegerBatch, JaegerFault, type JaegerSpan } from './model.ts'
import { readPostSpans } from './protobuf.ts'
import { readBatch, readBinaryPacket, readCompactPacket } from './thrift.ts'
import { tracesOf } from './translate.ts'

const recorded = (name: string): Buffer => {
  const file = join(import.meta.dirname, '../../../receivers/jaeger/testdata', `${name}.hex`)
  return Buffer.from(readFileSync(file, 'utf8').replaceAll('\n', ''), 'hex')
}

const READERS: [name: string, file: string, read: (bytes: Buffer) => JaegerBatch][] = [
  ['compact', 'compact', readCompactPacket],
  ['binary', 'http', readBatch],
  ['binary packets', 'http', readBinaryPacket],
  ['protobuf', 'grpc', readPostSpans],
]

describe('readers of hostile bytes', () => {
  for (const [name, file, read] of READERS) {
    test(`${name}: cut anywhere, and with any byte changed, they read or say what is wrong`, () => {
      const whole = recorded(file)
      const tried = (bytes: Buffer) => {
        try {
          tracesOf(read(bytes))
        } catch (error) {
          assert(error instanceof JaegerFault, String(error))
        }
      }
      for (let end = 0; end <= whole.length; end++) tried(whole.subarray(0, end))
      for (let at = 0; at < whole.length; at++) {
        for (const byte of [0x00, 0x7f, 0xff]) {
          const changed = Buffer.from(whole)
          changed[at] = byte
          tried(changed)
        }
      }
    })
  }
})

const SPAN: JaegerSpan = {
  traceId: '1'.repeat(32),
  spanId: '2'.repeat(16),
  parentSpanId: '',
  name: 'a',
  references: [],
  start: [1, 0],
  end: [2, 0],
  tags: [],
  logs: [],
  process: undefined,
}

const translated = (more: Partial<JaegerSpan>, process?: JaegerBatch['process']) =>
  tracesOf({ process, spans: [{ ...SPAN, ...more }] }).resources()[0]

const bool = (key: string, value: boolean) => ({ key, value: { kind: 'bool', value } }) as const

describe('statuses', () => {
  for (const [name, tags, code, message] of [
    ['none', [], 0, ''],
    ['an error', [bool('error', true)], 2, ''],
    ['no error', [bool('error', false)], 0, ''],
    ['its description', [bool('error', true), string('otel.status_description', 'd')], 2, 'd'],
    ['the text of HTTP', [bool('error', true), string('http.status_message', 'm')], 2, 'm'],
    ['ok', [string('otel.status_code', 'OK')], 1, ''],
    ['error before ok', [bool('error', true), string('otel.status_code', 'OK')], 2, ''],
    ['HTTP 500', [int('http.status_code', 500)], 2, ''],
    ['HTTP 404 of a client', [int('http.status_code', 404)], 2, ''],
    ['HTTP 404 of a server', [int('http.status_code', 404), string('span.kind', 'server')], 0, ''],
    ['HTTP 200', [string('http.status_code', '200')], 0, ''],
  ] as const) {
    test(name, () =>
      assert.deepEqual(translated({ tags })?.scopeSpans[0]?.spans[0]?.status, { code, message }),
    )
  }
})

describe('processes', () => {
  test('make resources; that of a span wins', () => {
    const process = { service: 'shop', tags: [string('hostname', 'n1'), string('a', 'b')] }
    const own = { service: 'web', tags: [string('jaeger.version', 'Go-2')] }
    const data = tracesOf({ process, spans: [SPAN, { ...SPAN, process: own }] }).resources()
    assert.deepEqual(
      data.map(({ resource }) => resource.attributes),
      [
        [string('service.name', 'shop'), string('a', 'b'), string('host.name', 'n1')],
        [string('service.name', 'web'), string('opencensus.exporterversion', 'Jaeger-Go-2')],
      ],
    )
  })

  test('without a name', () => {
    const tags = [string('a', 'b')]
    assert.deepEqual(
      translated({}, { service: 'OTLPResourceNoServiceName', tags })?.resource.attributes,
      [],
    )
    assert.deepEqual(translated({})?.resource.attributes, [])
  })
})
