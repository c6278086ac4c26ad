import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { string } from '../../pipeline/data/attributes.ts'
import { type MetricBatch, metricBatch } from '../../pipeline/data/batch.ts'
import type { Metric, NumberPoint } from '../../pipeline/data/metrics.ts'
import { valueText } from '../../pipeline/data/value_text.ts'
import { testContext } from '../../test/support/context.ts'
import { gauge, point, resourceMetrics } from '../../test/support/telemetry.ts'
import { metricsTransform } from './factory.ts'

const labelled = (value: number, labels: Readonly<Record<string, string>>): NumberPoint => ({
  ...point(value),
  attributes: Object.entries(labels).map(([key, one]) => string(key, one)),
})

const metric = (name: string, ...points: readonly NumberPoint[]): Metric => ({
  ...gauge(name, 0),
  data: { kind: 'sum', points, temporality: 2, monotonic: true },
})

const CPU = metric(
  'system.cpu.time',
  labelled(1, { cpu: '0', state: 'user' }),
  labelled(2, { cpu: '1', state: 'user' }),
  labelled(4, { cpu: '0', state: 'idle' }),
)

async function transformed(
  transforms: readonly object[],
  ...metrics: readonly Metric[]
): Promise<MetricBatch> {
  const out: MetricBatch[] = []
  const next = { consume: (batch: MetricBatch) => Promise.resolve(void out.push(batch)) }
  const config = metricsTransform.schema.parse({ transforms })
  await metricsTransform.create
    .metrics?.(testContext().ctx, config, next)
    .consume(metricBatch([resourceMetrics(metrics)]), {})
  assert(out[0] !== undefined)
  return out[0]
}

/** `name label=value ...: number` of every point. */
async function shown(
  transforms: readonly object[],
  ...metrics: readonly Metric[]
): Promise<string[]> {
  const batch = await transformed(transforms, ...(metrics.length > 0 ? metrics : [CPU]))
  const found = batch
    .resources()
    .flatMap((one) => one.scopeMetrics)
    .flatMap((one) => one.metrics)
  return found.flatMap(({ name, data }) => {
    assert(data.kind === 'sum')
    return data.points.map(({ attributes, value }) => {
      const labels = attributes.map((one) => `${one.key}=${valueText(one.value)}`)
      return `${[name, ...labels].join(' ')}: ${'value' in value ? value.value : ''}`
    })
  })
}

const operation = (settings: object) => [
  { include: 'system.cpu.time', action: 'update', operations: [settings] },
]

describe('metrics_transform operations', () => {
  const cases: [name: string, settings: object, want: string[]][] = [
    [
      'add_label',
      { action: 'add_label', new_label: 'v', new_value: '1' },
      ['cpu=0 state=user v=1: 1', 'cpu=1 state=user v=1: 2', 'cpu=0 state=idle v=1: 4'],
    ],
    [
      'update_label, its name',
      { action: 'update_label', label: 'cpu', new_label: 'core' },
      ['core=0 state=user: 1', 'core=1 state=user: 2', 'core=0 state=idle: 4'],
    ],
    [
      'update_label, its values',
      {
        action: 'update_label',
        label: 'state',
        value_actions: [{ value: 'idle', new_value: 'none' }],
      },
      ['cpu=0 state=user: 1', 'cpu=1 state=user: 2', 'cpu=0 state=none: 4'],
    ],
    [
      'delete_label_value',
      { action: 'delete_label_value', label: 'state', label_value: 'user' },
      ['cpu=0 state=idle: 4'],
    ],
    [
      'aggregate_labels, sum',
      { action: 'aggregate_labels', label_set: ['state'], aggregation_type: 'sum' },
      ['state=user: 3', 'state=idle: 4'],
    ],
    [
      'aggregate_labels, to one',
      { action: 'aggregate_labels', label_set: [], aggregation_type: 'max' },
      [': 4'],
    ],
    [
      'aggregate_labels, mean',
      { action: 'aggregate_labels', label_set: ['cpu'], aggregation_type: 'mean' },
      ['cpu=0: 2', 'cpu=1: 2'],
    ],
    [
      'aggregate_labels, count',
      { action: 'aggregate_labels', label_set: ['cpu'], aggregation_type: 'count' },
      ['cpu=0: 2', 'cpu=1: 1'],
    ],
    [
      'aggregate_label_values',
      {
        action: 'aggregate_label_values',
        label: 'cpu',
        aggregated_values: ['0', '1'],
        new_value: 'all',
        aggregation_type: 'sum',
      },
      ['cpu=all state=user: 3', 'cpu=all state=idle: 4'],
    ],
    [
      'experimental_scale_value',
      { action: 'experimental_scale_value', experimental_scale: 10 },
      ['cpu=0 state=user: 10', 'cpu=1 state=user: 20', 'cpu=0 state=idle: 40'],
    ],
  ]
  for (const [name, settings, want] of cases) {
    test(name, async () => {
      const expected = want.map((one) => `system.cpu.time${one.startsWith(':') ? '' : ' '}${one}`)
      assert.deepEqual(await shown(operation(settings)), expected)
    })
  }

  test('toggle_scalar_data_type', async () => {
    const batch = await transformed(operation({ action: 'toggle_scalar_data_type' }), CPU)
    const data = batch.resources()[0]?.scopeMetrics[0]?.metrics[0]?.data
    assert.deepEqual(data?.kind === 'sum' && data.points[0]?.value, { kind: 'double', value: 1 })
  })
})

describe('metrics_transform actions', () => {
  const [a, b] = [metric('a.b', point(1)), metric('a.c', point(2))]
  const cases: [name: string, transforms: object[], want: string[]][] = [
    ['update renames', [{ include: 'a.b', action: 'update', new_name: 'x' }], ['x: 1', 'a.c: 2']],
    [
      'update by an expression, its groups in the name',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a group in the template of a name
      [{ include: '^a\\.(.*)$', match_type: 'regexp', action: 'update', new_name: 'x.$1.${1}' }],
      ['x.b.b: 1', 'x.c.c: 2'],
    ],
    [
      'insert adds a copy',
      [
        {
          include: 'a.b',
          action: 'insert',
          new_name: 'x',
          operations: [{ action: 'add_label', new_label: 'l', new_value: 'v' }],
        },
      ],
      ['a.b: 1', 'a.c: 2', 'x l=v: 1'],
    ],
    [
      'later transforms see what earlier ones made',
      [
        { include: 'a.b', action: 'update', new_name: 'x' },
        { include: 'x', action: 'update', new_name: 'y' },
      ],
      ['y: 1', 'a.c: 2'],
    ],
    [
      'combine, groups as labels',
      [
        {
          include: '^a\\.(?P<part>.*)$',
          match_type: 'regexp',
          action: 'combine',
          new_name: 'a',
          submatch_case: 'upper',
        },
      ],
      ['a part=B: 1', 'a part=C: 2'],
    ],
    [
      'combine, equal labels are added',
      [{ include: '^a\\.', match_type: 'regexp', action: 'combine', new_name: 'a' }],
      ['a: 3'],
    ],
    [
      'group by a resource of its own',
      [{ include: 'a.c', action: 'group', group_resource_labels: { team: 'x' } }],
      ['a.b: 1', 'a.c: 2'],
    ],
    ['nothing matches', [{ include: 'z', action: 'update', new_name: 'x' }], ['a.b: 1', 'a.c: 2']],
  ]
  for (const [name, transforms, want] of cases) {
    test(name, async () => assert.deepEqual(await shown(transforms, a, b), want))
  }

  test('group: the attributes of the resource', async () => {
    const batch = await transformed(
      [{ include: 'a.c', action: 'group', group_resource_labels: { team: 'x' } }],
      a,
      b,
    )
    const found = batch
      .resources()
      .map(({ resource }) => resource.attributes.map((one) => valueText(one.value)))
    assert.deepEqual(found, [['shop'], ['shop', 'x']])
  })

  test('only points with some labels', async () => {
    const transforms = [
      {
        include: 'system.cpu.time',
        action: 'update',
        new_name: 'x',
        experimental_match_labels: { state: 'idle' },
      },
    ]
    const user = ['system.cpu.time cpu=0 state=user: 1', 'system.cpu.time cpu=1 state=user: 2']
    assert.deepEqual(await shown(transforms), [...user, 'system.cpu.time cpu=0 state=idle: 4'])
    const scale = { action: 'experimental_scale_value', experimental_scale: 10 }
    const add = { action: 'add_label', new_label: 'a', new_value: 'b' }
    const scaled = transforms.map((one) => ({ ...one, operations: [scale, add] }))
    assert.deepEqual(await shown(scaled), [...user, 'system.cpu.time cpu=0 state=idle: 40'])
  })

  test('metrics that differ are not combined, and counted', async () => {
    const { ctx, count } = testContext()
    const out: MetricBatch[] = []
    const next = { consume: (batch: MetricBatch) => Promise.resolve(void out.push(batch)) }
    const config = metricsTransform.schema.parse({
      transforms: [{ include: 'a|load', match_type: 'regexp', action: 'combine', new_name: 'x' }],
    })
    await metricsTransform.create
      .metrics?.(ctx, config, next)
      .consume(metricBatch([resourceMetrics([a, gauge('load', 1)])]), {})
    assert.equal(count('not_combined'), 1)
    assert.deepEqual(
      out[0]?.resources()[0]?.scopeMetrics[0]?.metrics.map((one) => one.name),
      ['a.b', 'load'],
    )
  })

  const refused: [name: string, transform: object, want: RegExp][] = [
    [
      'no name for a copy',
      { include: 'a', action: 'insert' },
      /missing required field "new_name" while "action" is insert/,
    ],
    [
      'no labels for a group',
      { include: 'a', action: 'group' },
      /missing required field "group_resource_labels"/,
    ],
    ['an action', { include: 'a', action: 'rename' }, /action "rename" is not known/],
    [
      'an operation',
      { include: 'a', action: 'update', operations: [{ action: 'drop' }] },
      /operation action "drop" is not known/,
    ],
    [
      'an operation without its label',
      { include: 'a', action: 'update', operations: [{ action: 'update_label' }] },
      /operation update_label needs "label"/,
    ],
    ['an expression', { include: '(', match_type: 'regexp', action: 'update' }, /"include", \(/],
  ]
  for (const [name, transform, want] of refused) {
    test(`${name}: refused`, () =>
      assert.throws(() => metricsTransform.schema.parse({ transforms: [transform] }), want))
  }
})
