import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { describe, test } from 'node:test'
import { type AnyValue, type Attributes, int, string } from '../../pipeline/data/attributes.ts'
import {
  type LogBatch,
  logBatch,
  type MetricBatch,
  metricBatch,
  type TraceBatch,
  traceBatch,
} from '../../pipeline/data/batch.ts'
import type { Span } from '../../pipeline/data/traces.ts'
import { testContext } from '../../test/support/context.ts'
import { keep } from '../../test/support/keep.ts'
import {
  gauge,
  logRecord,
  point,
  resourceLogs,
  resourceMetrics,
  resourceSpans,
  span,
} from '../../test/support/telemetry.ts'
import { redaction } from './factory.ts'

const { ctx } = testContext()

async function resourceOf(settings: object, given: Partial<Span>) {
  const { kept, consume } = keep<TraceBatch>()
  const config = redaction.schema.parse(settings)
  const batch = traceBatch([resourceSpans([span({ attributes: [], ...given })])])
  await redaction.create.traces?.(ctx, config, { consume }).consume(batch, {})
  return kept[0]?.resources()[0]
}

const spanOf = async (settings: object, given: Partial<Span>) =>
  (await resourceOf(settings, given))?.scopeSpans[0]?.spans[0]

/** `key=value` of each. */
const shown = (attributes: Attributes = []): string =>
  attributes.map(({ key, value }) => `${key}=${'value' in value ? value.value : ''}`).join(' ')

const ALL = { allow_all_keys: true }
const given = [string('card', 'number 4111111111111111 ok'), string('name', 'x'), int('n', 4111)]

describe('redaction of attributes', () => {
  for (const [name, settings, want] of [
    ['without options everything goes', {}, ''],
    ['a list of keys', { allowed_keys: ['name'] }, 'name=x'],
    ['keys that are ignored stay', { ignored_keys: ['card'] }, 'card=number 4111111111111111 ok'],
    ['keys by a pattern', { ignored_key_patterns: ['^n'] }, 'name=x n=4111'],
    ['values', { ...ALL, blocked_values: ['4[0-9]{15}'] }, 'card=number **** ok name=x n=4111'],
    ['every value of a key', { ...ALL, blocked_key_patterns: ['^ca'] }, 'card=**** name=x n=4111'],
    [
      'values that are allowed stay',
      { ...ALL, blocked_values: ['4[0-9]{15}'], allowed_values: ['ok$'] },
      'card=number 4111111111111111 ok name=x n=4111',
    ],
    [
      'values that are no strings',
      { ...ALL, blocked_values: ['^4'], redact_all_types: true },
      'card=number 4111111111111111 ok name=x n=****111',
    ],
    [
      'what was done, with names',
      { allowed_keys: ['card', 'name'], blocked_values: ['4[0-9]{15}'], summary: 'debug' },
      'card=number **** ok name=x redaction.redacted.keys=n redaction.redacted.count=1 redaction.masked.keys=card redaction.masked.count=1',
    ],
    [
      'what was done, counted',
      { ...ALL, blocked_values: ['4[0-9]{15}'], ignored_keys: ['n'], summary: 'info' },
      'card=number **** ok name=x n=4111 redaction.masked.count=1 redaction.ignored.count=1',
    ],
  ] as const) {
    test(name, async () =>
      assert.equal(shown((await spanOf(settings, { attributes: given }))?.attributes), want),
    )
  }

  test('a second one adds to what the first has told', async () => {
    const before = [
      string('redaction.masked.keys', 'a,z'),
      int('redaction.masked.count', 2),
      string('m', 'secret'),
    ]
    const settings = { allowed_keys: ['m'], blocked_values: ['secret'], summary: 'debug' }
    assert.equal(
      shown((await spanOf(settings, { attributes: before }))?.attributes),
      'redaction.masked.keys=a,m,z redaction.masked.count=3 m=****',
    )
  })

  const KEY = 'k'.repeat(64)
  const hash = (name: string) => createHash(name).update('secret').digest('hex')
  for (const [settings, want] of [
    [{ hash_function: 'md5' }, hash('md5')],
    [{ hash_function: 'sha1' }, hash('sha1')],
    [{ hash_function: 'sha3' }, hash('sha3-256')],
    [
      { hash_function: 'hmac-sha256', hmac_key: KEY },
      createHmac('sha256', KEY).update('secret').digest('hex'),
    ],
    [
      { hash_function: 'hmac-sha512', hmac_key: KEY },
      createHmac('sha512', KEY).update('secret').digest('hex'),
    ],
  ] as const) {
    test(`a hash by ${settings.hash_function}`, async () => {
      const attributes = [string('a', 'a secret')]
      const after = await spanOf(
        { ...ALL, blocked_values: ['secret'], ...settings },
        { attributes },
      )
      assert.equal(shown(after?.attributes), `a=a ${want}`)
    })
  }

  test('of resources, scopes, events and links', async () => {
    const attributes = [string('a', 'secret')]
    const event = { time: [0, 0], name: 'e', attributes, droppedAttributesCount: 0 } as const
    const link = { ...event, traceId: '', spanId: '', traceState: '', flags: 0 }
    const settings = { allowed_keys: ['a', 'service.name'], blocked_values: ['secret', 'shop'] }
    const after = await resourceOf(settings, { events: [event], links: [link] })
    assert.equal(shown(after?.resource.attributes), 'service.name=****')
    const [one] = after?.scopeSpans[0]?.spans ?? []
    assert.equal(shown(one?.events[0]?.attributes), 'a=****')
    assert.equal(shown(one?.links[0]?.attributes), 'a=****')
  })

  test('of data points', async () => {
    const { kept, consume } = keep<MetricBatch>()
    const points = [{ ...point(1), attributes: [string('a', '1'), string('b', '2')] }]
    const metric = { ...gauge('g', 0), data: { kind: 'gauge', points } as const }
    const config = redaction.schema.parse({ allowed_keys: ['a'] })
    await redaction.create
      .metrics?.(ctx, config, { consume })
      .consume(metricBatch([resourceMetrics([metric])]), {})
    const data = kept[0]?.resources()[0]?.scopeMetrics[0]?.metrics[0]?.data
    assert.equal(shown(data?.points[0]?.attributes), 'a=1')
  })

  for (const [settings, want] of [
    [{ blocked_values: ['('] }, /error compiling regex in list: error parsing regexp: missing/],
    [{ hash_function: 'crc' }, /hash_function/],
    [{ hash_function: 'hmac-sha256' }, /hmac_key must not be empty/],
    [{ summary: 'all' }, /summary/],
  ] as const) {
    test(`${JSON.stringify(settings)}: refused`, () =>
      assert.throws(() => redaction.schema.parse(settings), want))
  }
})

describe('redaction of log records', () => {
  async function recordOf(settings: object, body: AnyValue) {
    const { kept, consume } = keep<LogBatch>()
    const batch = logBatch([resourceLogs([{ ...logRecord('x'), body, attributes: [] }])])
    const config = redaction.schema.parse(settings)
    await redaction.create.logs?.(ctx, config, { consume }).consume(batch, {})
    return kept[0]?.resources()[0]?.scopeLogs[0]?.logRecords[0]
  }
  const text = (value: string): AnyValue => ({ kind: 'string', value })
  const settings = {
    allowed_keys: ['user', 'mail', 'list'],
    ignored_keys: ['kept'],
    blocked_key_patterns: ['^mail$'],
    blocked_values: ['secret'],
    summary: 'debug',
  }

  test('a text', async () => {
    const record = await recordOf(settings, text('a secret'))
    assert.deepEqual(record?.body, text('a ****'))
    assert.equal(
      shown(record?.attributes),
      'redaction.body.masked.keys=body redaction.body.masked.count=1',
    )
  })

  test('a map, deep', async () => {
    const inner: Attributes = [
      { key: 'list', value: { kind: 'array', value: [text('secret'), text('open')] } },
      string('kept', 'secret'),
      string('gone', 'x'),
    ]
    const body: Attributes = [
      { key: 'user', value: { kind: 'kvlist', value: inner } },
      string('mail', 'a@b'),
    ]
    const record = await recordOf(settings, { kind: 'kvlist', value: body })
    assert.deepEqual(record?.body, {
      kind: 'kvlist',
      value: [
        {
          key: 'user',
          value: {
            kind: 'kvlist',
            value: [
              { key: 'list', value: { kind: 'array', value: [text('****'), text('open')] } },
              string('kept', 'secret'),
            ],
          },
        },
        string('mail', '****'),
      ],
    })
    assert.equal(
      shown(record?.attributes),
      'redaction.body.redacted.keys=user.gone redaction.body.redacted.count=1 ' +
        'redaction.body.masked.keys=mail,user.list.[0] redaction.body.masked.count=2 redaction.body.ignored.count=1',
    )
  })

  for (const [name, more, body, want] of [
    [
      'URLs within a text',
      { url_sanitizer: { enabled: true } },
      'GET /users/4711?q=1 failed: why?',
      'GET /users/* failed: why?',
    ],
    [
      'SQL',
      { db_sanitizer: { sql: { enabled: true } } },
      "SELECT a FROM t WHERE b = 'x'",
      'SELECT a FROM t WHERE b = ?',
    ],
    [
      'JSON alone',
      { db_sanitizer: { mongo: { enabled: true } } },
      '{"find": "users"}',
      '{"find":"?"}',
    ],
    ['no JSON', { db_sanitizer: { mongo: { enabled: true } } }, 'started', 'started'],
  ] as const) {
    test(name, async () =>
      assert.deepEqual((await recordOf({ ...ALL, ...more }, text(body)))?.body, text(want)),
    )
  }
})
