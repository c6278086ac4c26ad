import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Consumer, Info } from '../../pipeline/component.ts'
import { metricBatch, type TraceBatch, traceBatch } from '../../pipeline/data/batch.ts'
import { testContext } from '../../test/support/context.ts'
import { gauge, resourceMetrics, resourceSpans, span } from '../../test/support/telemetry.ts'
import { routing } from './factory.ts'
import { parseRequestCondition } from './request.ts'

/** Pipelines that keep the names of what they get. */
function pipelines<B>(namesOf: (batch: B) => readonly string[], refusing: readonly string[] = []) {
  const got: Record<string, readonly string[]> = {}
  const next: Consumer<B> = {
    consume: () => Promise.reject(new Error('a batch for no pipeline')),
    to(pipeline) {
      if (pipeline === 'nowhere') return undefined
      return {
        consume(batch) {
          if (refusing.includes(pipeline)) return Promise.reject(new Error(`${pipeline} is full`))
          got[pipeline] = [...(got[pipeline] ?? []), ...namesOf(batch)]
          return Promise.resolve()
        },
      }
    },
  }
  return { next, got }
}

const spanNames = (batch: TraceBatch) =>
  batch
    .resources()
    .flatMap(({ resource, scopeSpans }) =>
      scopeSpans.flatMap(({ spans }) =>
        spans.map(({ name }) => `${name}${resource.attributes.length}`),
      ),
    )

const given = () =>
  traceBatch([
    resourceSpans([span({ name: 'a' }), span({ name: 'b' })], 'shop'),
    resourceSpans([span({ name: 'c' })], 'cart'),
  ])

async function routed(settings: object, info: Info = {}, refusing: readonly string[] = []) {
  const { ctx, count } = testContext()
  const { next, got } = pipelines(spanNames, refusing)
  const config = routing.schema.parse(settings)
  const made = routing.create['traces->traces']?.(ctx, config, next)
  await made?.consume(given(), info)
  return { got, count }
}

const client = (headers: Readonly<Record<string, string>>): Info => ({
  client: {
    address: '',
    metadata: new Map(Object.entries(headers).map(([key, value]) => [key, [value]])),
  },
})

describe('routing', () => {
  const SHOP = { condition: 'attributes["service.name"] == "shop"', pipelines: ['p'] }
  const cases: [name: string, settings: object, want: Record<string, string[]>, info?: Info][] = [
    [
      'resources, the rest to the default',
      { default_pipelines: ['d'], table: [SHOP] },
      { p: ['a1', 'b1'], d: ['c1'] },
    ],
    [
      'a statement',
      {
        default_pipelines: ['d'],
        table: [
          {
            statement: 'route() where resource.attributes["service.name"] == "cart"',
            pipelines: ['p'],
          },
        ],
      },
      { p: ['c1'], d: ['a1', 'b1'] },
    ],
    [
      'a statement that changes what it moves',
      {
        default_pipelines: ['d'],
        table: [
          {
            statement:
              'delete_key(attributes, "service.name") where attributes["service.name"] == "shop"',
            pipelines: ['p'],
          },
        ],
      },
      { p: ['a0', 'b0'], d: ['c1'] },
    ],
    [
      'spans',
      {
        default_pipelines: ['d'],
        table: [
          { context: 'span', condition: 'name == "a" or span.name == "c"', pipelines: ['p'] },
        ],
      },
      { p: ['a1', 'c1'], d: ['b1'] },
    ],
    [
      'the first route takes, later ones see the rest',
      { table: [SHOP, { condition: 'true', pipelines: ['q'] }] },
      { p: ['a1', 'b1'], q: ['c1'] },
    ],
    [
      'a span after resources',
      {
        default_pipelines: ['d'],
        table: [{ context: 'span', condition: 'name == "a"', pipelines: ['s'] }, SHOP],
      },
      { s: ['a1'], p: ['b1'], d: ['c1'] },
    ],
    [
      'several pipelines of one route',
      { table: [{ condition: 'true', pipelines: ['p', 'q'] }] },
      { p: ['a1', 'b1', 'c1'], q: ['a1', 'b1', 'c1'] },
    ],
    [
      'copies are seen by later routes, too',
      {
        default_pipelines: ['d'],
        table: [
          { ...SHOP, action: 'copy' },
          { context: 'span', action: 'copy', condition: 'name != "b"', pipelines: ['q'] },
          { context: 'span', condition: 'name == "a"', pipelines: ['r'] },
        ],
      },
      { p: ['a1', 'b1'], q: ['a1', 'c1'], r: ['a1'], d: ['b1', 'c1'] },
    ],
    [
      'a copy of a request',
      {
        default_pipelines: ['d'],
        table: [
          {
            context: 'request',
            action: 'copy',
            condition: 'request["t"] != "x"',
            pipelines: ['p'],
          },
        ],
      },
      { p: ['a1', 'b1', 'c1'], d: ['a1', 'b1', 'c1'] },
      client({ t: 'y' }),
    ],
    [
      'a header',
      {
        default_pipelines: ['d'],
        table: [
          { context: 'request', condition: 'request["X-Tenant"] == "acme"', pipelines: ['p'] },
        ],
      },
      { p: ['a1', 'b1', 'c1'] },
      client({ 'x-tenant': 'acme' }),
    ],
    [
      'another header',
      {
        default_pipelines: ['d'],
        table: [
          { context: 'request', condition: 'request["x-tenant"] == "acme"', pipelines: ['p'] },
        ],
      },
      { d: ['a1', 'b1', 'c1'] },
      client({ 'x-tenant': 'else' }),
    ],
    [
      'no header',
      {
        default_pipelines: ['d'],
        table: [
          { context: 'request', condition: 'request["x-tenant"] != "acme"', pipelines: ['p'] },
        ],
      },
      { d: ['a1', 'b1', 'c1'] },
    ],
  ]
  for (const [name, settings, want, info] of cases) {
    test(name, async () => assert.deepEqual((await routed(settings, info)).got, want))
  }

  test('of several values of a header one has to match', () => {
    const info = { client: { address: '', metadata: new Map([['t', ['x', 'y']]]) } }
    const says = (condition: string) => parseRequestCondition(condition)?.(info)
    assert.deepEqual(
      ['request["t"] == "y"', 'request["t"] == "z"', 'request["t"] != "x"'].map(says),
      [true, false, true],
    )
  })

  test('without a default the rest is dropped, and counted', async () => {
    const { got, count } = await routed({ table: [SHOP] })
    assert.deepEqual(got, { p: ['a1', 'b1'] })
    assert.equal(count('dropped_unrouted'), 1)
  })

  test('a refused part does not keep the others from their pipelines', async () => {
    await assert.rejects(
      routed({ default_pipelines: ['d'], table: [SHOP] }, {}, ['p']),
      /p is full/,
    )
  })

  test('metrics, by the data point', async () => {
    const { ctx } = testContext()
    const { next, got } = pipelines((batch: ReturnType<typeof metricBatch>) =>
      batch
        .resources()
        .flatMap((one) =>
          one.scopeMetrics.flatMap(({ metrics }) =>
            metrics.map(({ name, data }) => `${name}${data.points.length}`),
          ),
        ),
    )
    const config = routing.schema.parse({
      default_pipelines: ['d'],
      table: [{ context: 'datapoint', condition: 'value_int > 0', pipelines: ['p'] }],
    })
    const batch = metricBatch([resourceMetrics([gauge('load', 3)])])
    await routing.create['metrics->metrics']?.(ctx, config, next).consume(batch, {})
    assert.deepEqual(got, { p: ['load2'], d: ['load1'] })
  })

  test('a condition that fails', async () => {
    const table = [{ context: 'span', condition: 'name["x"] == 1', pipelines: ['p'] }]
    await assert.rejects(routed({ table }), /a string has no key/)
    const { got } = await routed({ error_mode: 'ignore', default_pipelines: ['d'], table })
    assert.deepEqual(got, { d: ['a1', 'b1', 'c1'] })
  })

  const refused: [name: string, settings: object, want: RegExp][] = [
    ['no routes', { table: [] }, /the routing table is empty/],
    ['a route without pipelines', { table: [{ condition: 'true' }] }, /no pipelines defined/],
    [
      'a route without a condition',
      { table: [{ pipelines: ['p'] }] },
      /either statement or condition must be provided/,
    ],
    [
      'both',
      { table: [{ statement: 'route()', condition: 'true', pipelines: ['p'] }] },
      /both condition and statement provided/,
    ],
    [
      'a request of another form',
      { table: [{ context: 'request', condition: 'attributes["a"] == 1', pipelines: ['p'] }] },
      /condition must have format/,
    ],
    [
      'a pipeline that it does not begin',
      { table: [{ condition: 'true', pipelines: ['nowhere'] }] },
      /pipeline "nowhere" does not have this connector among its receivers/,
    ],
    [
      'a wrong condition',
      { table: [{ condition: 'atributes["a"] == 1', pipelines: ['p'] }] },
      /did you mean "attributes"/,
    ],
    [
      'another editor',
      { table: [{ statement: 'set(attributes["a"], 1)', pipelines: ['p'] }] },
      /undefined editor "set"/,
    ],
    [
      'an action',
      { table: [{ condition: 'true', pipelines: ['p'], action: 'clone' }] },
      /invalid routing action: clone/,
    ],
    ['match_once', { match_once: true, table: [] }, /invalid keys: match_once/],
  ]
  for (const [name, settings, want] of refused) {
    test(`${name}: refused`, async () => {
      await assert.rejects(async () => await routed(settings), want)
    })
  }
})
