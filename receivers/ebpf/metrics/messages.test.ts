import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Attribute, int, string } from '../../../pipeline/data/attributes.ts'
import { SpanKind } from '../../../pipeline/data/traces.ts'
import { CountedResource } from './counted_resource.ts'
import { metricsFields, metricsRulesOf } from './fields.ts'
import { instrumentOf } from './instruments.ts'
import { messagesOf } from './messages.ts'

const MANY = int('messaging.batch.message_count', 7)
const FAILED = string('error.type', 'NO')
const PARTIAL = string('weir.partial', 'kafka_cut')
const call = (type: string, ...attributes: Attribute[]) => [
  string('messaging.system', 'kafka'),
  string('messaging.operation.type', type),
  ...attributes,
]

const cases: [name: string, attributes: Attribute[], messages: [sent: number, consumed: number]][] =
  [
    ['one is sent', call('send'), [1, -1]],
    ['many are sent', call('send', MANY), [7, -1]],
    ['one is tried to be sent', call('send', FAILED), [1, -1]],
    ['nobody has seen how many', call('send', PARTIAL), [-1, -1]],
    ['one is consumed', call('receive'), [-1, 1]],
    ['one is handed over', call('process'), [-1, 1]],
    ['many are consumed', call('receive', MANY), [-1, 7]],
    ['none is consumed, for it failed', call('receive', FAILED), [-1, -1]],
    ['one is settled', call('settle'), [-1, -1]],
    ['something else', [string('messaging.system', 'kafka')], [-1, -1]],
  ]

/** Name, unit and points of what is measured of all cases, by a client. */
function counted(settings: object) {
  const rules = metricsRulesOf(metricsFields.parse(settings))
  const resource = new CountedResource({ attributes: [], droppedAttributesCount: 0 }, rules)
  const take = () =>
    resource
      .take([2, 0])
      .flatMap(({ name, unit, data }) =>
        data.kind === 'sum' && data.monotonic
          ? [
              [
                name,
                unit,
                data.points.map(({ value }) =>
                  'value' in value ? Number(value.value) : undefined,
                ),
              ],
            ]
          : [],
      )
  for (const [key, attributes] of cases) {
    const instrument = instrumentOf(SpanKind.client, attributes)
    assert.ok(instrument !== undefined)
    resource.add({ instrument, key, attributes }, 0.5, ...messagesOf(attributes), 0, [1, 0])
  }
  return take
}

describe('messages', () => {
  for (const [name, attributes, messages] of cases) {
    test(name, () => assert.deepEqual(messagesOf(attributes), messages))
  }

  const ALL = [
    ['messaging.client.sent.messages', '{message}', [1, 7, 1]],
    ['messaging.client.consumed.messages', '{message}', [1, 1, 7]],
  ]

  test('are counters, of series that have any', () => {
    const take = counted({})
    assert.deepEqual(take(), ALL)
    assert.deepEqual(take(), ALL, 'and stay')
  })

  test('as deltas they are forgotten once they were sent', () => {
    const take = counted({ aggregation_temporality: 'AGGREGATION_TEMPORALITY_DELTA' })
    assert.deepEqual(take(), ALL)
    assert.deepEqual(take(), [])
  })

  test('are nothing where sizes alone are wanted', () => {
    assert.deepEqual(counted({ features: ['application_sizes'] })(), [])
  })
})
