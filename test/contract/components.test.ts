import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { components } from '../../components.ts'
import {
  type BatchOf,
  type Component,
  type Consumer,
  type Factory,
  SIGNALS,
  type Signal,
} from '../../pipeline/component.ts'
import { later, testContext } from '../support/context.ts'
import { points, profiles, records, spans } from '../support/telemetry.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** The least that a component needs which has no defaults for everything. Nothing listens on port 9. */
const LEAST: Readonly<Record<string, object>> = {
  memory_limiter: { check_interval: '1s', limit_mib: 100_000 },
  otlp: {
    protocols: { grpc: { endpoint: '127.0.0.1:0' }, http: { endpoint: '127.0.0.1:0' } },
  },
  attributes: { actions: [{ action: 'delete', key: 'a' }] },
  failover: { priority_levels: [['a']] },
  load_balancing: {
    protocol: { otlp: { tls: { insecure: true }, timeout: '10ms' } },
    resolver: { static: { hostnames: ['127.0.0.1:9'] } },
  },
  metrics_generation: {
    rules: [{ name: 'a', type: 'scale', metric1: 'b', operation: 'add', scale_by: 1 }],
  },
  metrics_transform: { transforms: [{ include: 'a', action: 'update', new_name: 'b' }] },
  routing: { default_pipelines: ['a'], table: [{ condition: 'false', pipelines: ['b'] }] },
  resource: { attributes: [{ action: 'delete', key: 'a' }] },
  otlp_grpc: { endpoint: '127.0.0.1:9', timeout: '10ms', tls: { insecure: true } },
  otlp_http: { endpoint: 'http://127.0.0.1:9' },
  file: { path: '/dev/null' },
  basic_auth: { client_auth: { username: 'u' } },
  bearer_token_auth: { token: 't' },
  file_storage: { directory: tmpdir() },
  oauth2_client: { client_id: 'a', client_secret: 'b', token_url: 'http://127.0.0.1:9' },
  headers_setter: { headers: [{ key: 'a', value: 'b' }] },
  jaeger: { protocols: { grpc: { endpoint: '127.0.0.1:0' } } },
  k8s_attributes: { passthrough: true },
  zipkin: { endpoint: '127.0.0.1:0' },
  prometheus: { endpoint: '127.0.0.1:0' },
  prometheus_remote_write: { endpoint: 'http://127.0.0.1:9' },
  sdk: { package: '@opentelemetry/exporter-zipkin', directory: ROOT },
  probabilistic_sampler: { sampling_percentage: 100, fail_closed: false },
  span: { status: { code: 'Ok' } },
  tail_sampling: { policies: [{ name: 'all', type: 'always_sample' }] },
}

/** Processors and connectors that make something else of what they take. */
const MAKES_OTHERS = new Set(['count', 'exceptions', 'interval', 'sum'])

/** Components that need what a machine without root has not: their own tests run them. */
const NEEDS_ROOT = new Set(['ebpf'])

const batchOf: { readonly [S in Signal]: () => BatchOf[S] } = {
  traces: () => spans(3),
  metrics: () => points(3),
  logs: () => records(3),
  profiles: () => profiles(3),
}

/** Builds a component; `received` gets what it hands on. */
function build(factory: Factory, signal: Signal, received: number[]): Component | undefined {
  const { ctx } = testContext(factory.type)
  const config = factory.schema.parse(LEAST[factory.type] ?? {})
  const next: Consumer<{ count: number }> = {
    consume: (batch) => Promise.resolve(void received.push(batch.count)),
    to: () => next,
  }
  switch (factory.kind) {
    case 'receiver':
    case 'processor':
      return factory.create[signal]?.(ctx, config, next)
    case 'exporter':
      return factory.create[signal]?.(ctx, config)
    case 'connector':
      return factory.create[`${signal}->${signal}`]?.(ctx, config, next)
    case 'extension':
      return signal === 'traces' ? factory.create(ctx, config) : undefined
  }
}

const consumes = (component: object): component is Consumer<BatchOf[Signal]> =>
  'consume' in component

/** With what the list says of each. */
const listed = await Promise.all(
  components.map(async (one) => ({ ...one, factory: await one.load() })),
)
const factories: readonly Factory[] = listed.map(({ factory }) => factory)

describe('the list of factories', () => {
  for (const { kind, type, aliases, factory } of listed) {
    test(`${kind} ${type} is listed as it calls itself`, () =>
      assert.deepEqual(
        { kind, type, aliases },
        { kind: factory.kind, type: factory.type, aliases: factory.aliases },
      ))
  }

  test('has no type or alias twice within one kind', () => {
    const names = factories.flatMap(({ kind, type, aliases = [] }) =>
      [type, ...aliases].map((name) => `${kind} ${name}`),
    )
    assert.deepEqual(names, [...new Set(names)])
  })
})

for (const factory of factories) {
  describe(`${factory.kind} ${factory.type}`, () => {
    test('is named as YAML names types', () => {
      assert.match(factory.type, /^[a-z][a-z0-9_]{0,62}$/)
    })

    test('describes every option', () => {
      const undescribed = optionsOf(factory.schema.json()).filter(([, json]) => !json.description)
      assert.deepEqual(
        undescribed.map(([key]) => key),
        [],
      )
    })

    test('refuses an unknown option', () => {
      assert.throws(
        () => factory.schema.parse({ ...LEAST[factory.type], no_such_option: 1 }),
        /has invalid keys: no_such_option/,
      )
    })

    if (factory.kind !== 'extension') {
      test('states the stability of the signals that it takes, and of no other', () => {
        const created = Object.keys(factory.create)
        assert.deepEqual(Object.keys(factory.stability), created)
        assert(created.length > 0)
      })
    }

    for (const signal of SIGNALS) lifecycle(factory, signal)
  })
}

function lifecycle(factory: Factory, signal: Signal): void {
  if (build(factory, signal, []) === undefined) return

  test(`${signal}: shutdown without start, twice`, async () => {
    const component = build(factory, signal, [])
    await component?.shutdown(later())
    await component?.shutdown(later())
  })

  if (NEEDS_ROOT.has(factory.type)) return

  test(`${signal}: start, consume, shutdown within its deadline`, async () => {
    const received: number[] = []
    const component = build(factory, signal, received)
    assert(component !== undefined)
    await component.start()
    if (consumes(component)) await component.consume(batchOf[signal](), {})
    await component.shutdown(later())
    const passesOn = factory.kind === 'processor' || factory.kind === 'connector'
    if (passesOn && !MAKES_OTHERS.has(factory.type)) assert.deepEqual(received, [3])
    await component.shutdown(later())
  })
}

interface OptionJson {
  readonly description?: string
  readonly properties?: Readonly<Record<string, OptionJson>>
}

/** Every option of a schema, those within others too, by its path. */
function optionsOf(json: object, prefix = ''): [path: string, json: OptionJson][] {
  return Object.entries((json as OptionJson).properties ?? {}).flatMap(([key, option]) => [
    [`${prefix}${key}`, option],
    ...optionsOf(option, `${prefix}${key}::`),
  ])
}
