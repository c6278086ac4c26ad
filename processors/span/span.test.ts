import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { int, string, strings } from '../../pipeline/data/attributes.ts'
import { type TraceBatch, traceBatch } from '../../pipeline/data/batch.ts'
import type { Span } from '../../pipeline/data/traces.ts'
import { testContext } from '../../test/support/context.ts'
import { keep } from '../../test/support/keep.ts'
import { resourceSpans, span as spanOf } from '../../test/support/telemetry.ts'
import { span } from './factory.ts'

async function processed(settings: object, given: Partial<Span>): Promise<Span | undefined> {
  const { kept, consume } = keep<TraceBatch>()
  const processor = span.create.traces?.(testContext().ctx, span.schema.parse(settings), {
    consume,
  })
  await processor?.consume(traceBatch([resourceSpans([spanOf({ attributes: [], ...given })])]), {})
  return kept[0]?.resources()[0]?.scopeSpans[0]?.spans[0]
}

const rules = (found: string[], more: object = {}) => ({
  name: { to_attributes: { rules: found, ...more } },
})

describe('span', () => {
  const attributes = [
    string('db', 'orders'),
    int('n', 5),
    { key: 'd', value: { kind: 'double', value: 0.5 } } as const,
    { key: 'b', value: { kind: 'bool', value: true } } as const,
    strings('list', ['a']),
  ]

  for (const [from, separator, want] of [
    [['db', 'n'], ' ', 'orders 5'],
    [['n', 'db'], '', '5orders'],
    [['d', 'b'], '::', '0.5::true'],
    [['db', 'list'], ' ', 'orders <unknown-attribute-type>'],
    [['db', 'absent'], ' ', 'GET /items'],
  ] as const) {
    test(`a name from ${from.join(' and ')}`, async () => {
      const settings = { name: { from_attributes: from, separator } }
      assert.equal((await processed(settings, { attributes }))?.name, want)
    })
  }

  for (const [name, settings, given, renamed, found] of [
    [
      'a group',
      rules(['^/api/v1/document/(?P<id>.*)/update$']),
      '/api/v1/document/123/update',
      '/api/v1/document/{id}/update',
      'id=123',
    ],
    ['two groups', rules(['(?P<a>\\d+)-(?P<b>\\d+)']), 'x 1-2 y', 'x {a}-{b} y', 'a=1 b=2'],
    ['no match', rules(['^no']), 'GET /', 'GET /', ''],
    ['rule after rule', rules(['(?P<n>\\d+)', '\\{(?P<m>n)\\}']), 'a 1', 'a {{m}}', 'n=1 m=n'],
    [
      'the first rule alone',
      rules(['(?P<n>\\d+)', '(?P<m>a)'], { break_after_match: true }),
      'a 1',
      'a {n}',
      'n=1',
    ],
    [
      'the name as it was',
      rules(['(?P<n>\\d+)'], { keep_original_name: true }),
      'a 1',
      'a 1',
      'n=1',
    ],
    ['a group that took no part', rules(['a(?P<n>\\d+)?']), 'ab', 'ab', 'n='],
    ['text beyond ASCII', rules(['ü(?P<n>\\d)']), 'äü7ö', 'äü{n}ö', 'n=7'],
    ['an attribute that was there', rules(['(?P<old>\\d+)']), 'a 1', 'a {old}', 'old=1'],
  ] as const) {
    test(`attributes out of a name: ${name}`, async () => {
      const before = found.startsWith('old') ? [string('old', 'before')] : []
      const after = await processed(settings, { name: given, attributes: before })
      assert.equal(after?.name, renamed)
      const shown = after?.attributes.map(
        ({ key, value }) => `${key}=${'value' in value ? value.value : ''}`,
      )
      assert.equal(shown?.join(' '), found)
    })
  }

  for (const [status, code, message] of [
    [{ code: 'Error', description: 'refused' }, 2, 'refused'],
    [{ code: 'Ok' }, 1, ''],
    [{ code: 'Unset' }, 0, ''],
  ] as const) {
    test(`status ${status.code}`, async () => {
      const after = await processed({ status }, { status: { code: 2, message: 'before' } })
      assert.deepEqual(after?.status, { code, message })
    })
  }

  for (const [choice, want] of [
    [{ include: { match_type: 'strict', services: ['shop'] } }, 1],
    [{ include: { match_type: 'regexp', span_names: ['^POST'] } }, 0],
    [{ exclude: { match_type: 'strict', services: ['shop'] } }, 0],
    [{ exclude: { match_type: 'strict', attributes: [{ key: 'absent' }] } }, 1],
  ] as const) {
    test(`chosen by ${JSON.stringify(choice)}`, async () => {
      const after = await processed({ status: { code: 'Ok' }, ...choice }, {})
      assert.equal(after?.status.code, want)
    })
  }

  for (const [settings, want] of [
    [{}, /either "from_attributes" or "to_attributes" must be specified/],
    [{ name: { to_attributes: {} } }, /either "from_attributes" or "to_attributes"/],
    [rules(['(']), /invalid regexp pattern \(: error parsing regexp: missing closing \)/],
    [{ status: { code: 'error' } }, /"status" must have specified "code" as "Ok" or "Error"/],
    [
      { status: { code: 'Ok', description: 'a' } },
      /"description" can be specified only for "code" "Error"/,
    ],
    [
      { status: { code: 'Ok' }, include: { match_type: 'strict', log_bodies: ['a'] } },
      /log_bodies should not be specified for trace spans/,
    ],
  ] as const) {
    test(`${JSON.stringify(settings)}: refused`, () =>
      assert.throws(() => span.schema.parse(settings), want))
  }
})
