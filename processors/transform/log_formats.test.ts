import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { AnyValue } from '../../pipeline/data/attributes.ts'
import { logBatch } from '../../pipeline/data/batch.ts'
import { testContext } from '../../test/support/context.ts'
import { keep } from '../../test/support/keep.ts'
import { logRecord, resourceLogs } from '../../test/support/telemetry.ts'
import { transform } from './factory.ts'

const plain = (value: AnyValue): unknown => {
  if (value.kind === 'kvlist') {
    return Object.fromEntries(value.value.map((one) => [one.key, plain(one.value)]))
  }
  if (value.kind === 'array') return value.value.map(plain)
  return 'value' in value ? value.value : undefined
}

/** What a function makes of a body, or why it does not. */
async function parsed(call: string, body: string): Promise<unknown> {
  const next = keep<ReturnType<typeof logBatch>>()
  const statements = [`merge_maps(log.attributes, ${call}, "upsert")`]
  const config = transform.schema.parse({ error_mode: 'propagate', log_statements: statements })
  const made = transform.create.logs?.(testContext().ctx, config, next)
  try {
    await made?.consume(logBatch([resourceLogs([logRecord(body)])]), {})
  } catch (error) {
    return (error as Error).message.replace(/^.*"upsert"\): /, '')
  }
  const [record] = next.kept[0]?.resources()[0]?.scopeLogs[0]?.logRecords ?? []
  return plain({ kind: 'kvlist', value: record?.attributes ?? [] })
}

type Row = [name: string, call: string, body: string, want: unknown]

const cef = (more: object) => ({
  'cef.version': '0',
  'cef.device_vendor': 'Acme',
  'cef.device_product': 'Gate',
  'cef.device_version': '1.0',
  'cef.device_event_class_id': '100',
  'cef.name': 'opened',
  'cef.severity': '10',
  'cef.extensions': {},
  ...more,
})
const CEF = 'CEF:0|Acme|Gate|1.0|100|opened|10|'
const leef = (version: string, attributes: object) => ({
  'leef.version': version,
  'leef.vendor': 'Acme',
  'leef.product.name': 'Gate',
  'leef.product.version': '1.0',
  'leef.event.id': '100',
  'leef.attributes': attributes,
})
const clf = (more: object) => ({
  'clf.remote_host': '10.0.0.1',
  'clf.rfc931': '-',
  'clf.auth_user': 'ann',
  'clf.timestamp': '21/Nov/2026:13:55:36 +0100',
  'clf.request': 'GET /a?b=1 HTTP/1.1',
  'clf.method': 'GET',
  'clf.request_uri': '/a?b=1',
  'clf.protocol': 'HTTP/1.1',
  'clf.status': 200,
  'clf.bytes': 2326,
  ...more,
})
const LINE = '10.0.0.1 - ann [21/Nov/2026:13:55:36 +0100] "GET /a?b=1 HTTP/1.1" 200 2326'
const BAD_REQUEST = {
  'clf.remote_host': '10.0.0.1',
  'clf.rfc931': '-',
  'clf.auth_user': '-',
  'clf.timestamp': 't',
  'clf.request': 'ü"\n',
  'clf.status': 400,
}

const rows: Row[] = [
  ['CEF: a header alone', 'ParseCEF(log.body)', CEF, cef({})],
  ['CEF: without the last bar', 'ParseCEF(log.body)', CEF.slice(0, -1), cef({})],
  [
    'CEF: values with spaces, behind a syslog header',
    'ParseCEF(log.body)',
    `<13>Nov 21 10:00:00 host ${CEF}src=10.0.0.1 msg=two words  act= spt=1`,
    cef({ 'cef.extensions': { src: '10.0.0.1', msg: 'two words', act: '', spt: '1' } }),
  ],
  [
    'CEF: escapes',
    'ParseCEF(log.body)',
    String.raw`CEF:0|Ac\|me|Ga\\te|1.0|100|opened|10|a=x\=y\\z\n1 b=c:\q`,
    cef({
      'cef.device_vendor': 'Ac|me',
      'cef.device_product': 'Ga\\te',
      'cef.extensions': { a: 'x=y\\z\n1', b: 'c:\\q' },
    }),
  ],
  ['CEF: none', 'ParseCEF(log.body)', 'text', 'ParseCEF: no "CEF:" in the text'],
  [
    'CEF: fields missing',
    'ParseCEF(log.body)',
    'CEF:0|Acme|Gate',
    'ParseCEF: expected a version and six header fields',
  ],
  [
    'LEEF 1.0: tabs',
    'ParseLEEF(log.body)',
    'LEEF:1.0|Acme|Gate|1.0|100|src=10.0.0.1\turl=http://a?b=c\tempty=\tnone\t=x\tsrc=10.0.0.2',
    leef('1.0', { src: '10.0.0.2', url: 'http://a?b=c', empty: '' }),
  ],
  [
    'LEEF 2.0: a delimiter of its own',
    'ParseLEEF(log.body)',
    'LEEF:2.0|Acme|Gate|1.0|100|^|a=1^b=2 3^^',
    leef('2.0', { a: '1', b: '2 3' }),
  ],
  [
    'LEEF 2.0: its code',
    'ParseLEEF(log.body)',
    'LEEF:2.0|Acme|Gate|1.0|100|0X5e|a=1^b=2',
    leef('2.0', { a: '1', b: '2' }),
  ],
  [
    'LEEF 2.0: none, and left out',
    'ParseLEEF(log.body)',
    'LEEF:2.0|Acme|Gate|1.0|100|a=1|2\tb=2',
    leef('2.0', { a: '1|2', b: '2' }),
  ],
  ['LEEF: no attributes', 'ParseLEEF(log.body)', 'LEEF:2.0|Acme|Gate|1.0|100|^', leef('2.0', {})],
  [
    'LEEF: a delimiter that is none',
    'ParseLEEF(log.body)',
    'LEEF:2.0|Acme|Gate|1.0|100|ab|a=1',
    'ParseLEEF: "ab" is no delimiter',
  ],
  [
    'LEEF: another version',
    'ParseLEEF(log.body)',
    'LEEF:3.0|Acme|Gate|1.0|100|a=1',
    'ParseLEEF: expected version 1.0 or 2.0 and four header fields',
  ],
  ['CLF', 'ParseCLF(log.body)', LINE, clf({})],
  [
    'CLF: no bytes, and a request that is none',
    'ParseCLF(log.body)',
    String.raw`10.0.0.1 - - [t] "\xc3\xbc\"\n" 400 -`,
    BAD_REQUEST,
  ],
  [
    'combined',
    'ParseCLF(log.body, "combined")',
    `${LINE} "-" "curl/8 \\"x\\""`,
    clf({ 'clf.referer': '-', 'clf.user_agent': 'curl/8 "x"' }),
  ],
  [
    'CLF: combined is not the common one',
    'ParseCLF(log.body)',
    `${LINE} "-" "curl"`,
    'ParseCLF: the text is not in the format clf',
  ],
  [
    'ELF: fields that change, quotes, values that are missing',
    'ParseELF(log.body)',
    '#Version: 1.0\n#Software: IIS\r\n#Fields: time cs-method\n10:00 GET\n#Fields: time cs(User-Agent)\n10:01 "a ""b"" c"\n10:02',
    {
      'elf.version': '1.0',
      'elf.software': 'IIS',
      'elf.fields': ['time', 'cs(User-Agent)'],
      'elf.entries': [
        { time: '10:00', 'cs-method': 'GET' },
        { time: '10:01', 'cs(User-Agent)': 'a "b" c' },
        { time: '10:02', 'cs(User-Agent)': '-' },
      ],
    },
  ],
  [
    'ELF: no version',
    'ParseELF(log.body)',
    '#Fields: a\n1',
    'ParseELF: expected a directive #Version',
  ],
]

describe('formats of logs', () => {
  for (const [name, call, body, want] of rows) {
    test(name, async () => assert.deepEqual(await parsed(call, body), want))
  }

  test('a format that there is not', () => {
    const config = { log_statements: ['set(log.body, ParseCLF(log.body, "nginx"))'] }
    assert.throws(
      () => transform.schema.parse(config),
      /format: must be "clf" or "combined", not "nginx"/,
    )
  })

  test('of log records alone', () => {
    const config = { trace_statements: ['set(span.name, ParseCEF(span.name))'] }
    assert.throws(() => transform.schema.parse(config), /ParseCEF/)
  })
})
