import assert from 'node:assert/strict'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, test } from 'node:test'
import { otlpHttp } from '../../exporters/otlp_http/factory.ts'
import type { ClientInfo, Context } from '../../pipeline/component.ts'
import { later, testContext } from '../../test/support/context.ts'
import { spans } from '../../test/support/telemetry.ts'
import { bearerTokenAuth } from '../bearer_token_auth/factory.ts'
import { headersSetter } from './factory.ts'
import { HeadersSetter } from './headers_setter.ts'

const CLIENT: ClientInfo = {
  address: '127.0.0.1',
  metadata: new Map([
    ['x-tenant', ['acme']],
    ['two', ['a', 'b']],
  ]),
  auth: new Map([['username', 'ann']]),
}

const create = (config: object, ctx: Context = testContext().ctx) =>
  new HeadersSetter(ctx, headersSetter.schema.parse(config))

describe('headers_setter', () => {
  const tenant = { key: 'X-Out', from_context: 'X-Tenant' }
  type Row = [name: string, header: object, before: Record<string, string>, changes: object]
  const rows: Row[] = [
    ['a value', { key: 'X-Out', value: 'v' }, {}, { 'x-out': 'v' }],
    ['from a header', tenant, {}, { 'x-out': 'acme' }],
    ['from the authenticator', { key: 'a', from_attribute: 'username' }, {}, { a: 'ann' }],
    ['the same by its other name', { key: 'a', from_context: 'auth.username' }, {}, { a: 'ann' }],
    ['nothing to take', { key: 'a', from_context: 'absent' }, {}, {}],
    ['a default', { key: 'a', from_context: 'absent', default_value: 'd' }, {}, { a: 'd' }],
    ['a default that is not needed', { ...tenant, default_value: 'd' }, {}, { 'x-out': 'acme' }],
    ['upsert', { ...tenant, action: 'upsert' }, { 'x-out': 'old' }, { 'x-out': 'acme' }],
    ['insert', { ...tenant, action: 'insert' }, {}, { 'x-out': 'acme' }],
    ['insert where there is one', { ...tenant, action: 'insert' }, { 'x-out': 'old' }, {}],
    ['update', { ...tenant, action: 'update' }, { 'x-out': 'old' }, { 'x-out': 'acme' }],
    ['update where there is none', { ...tenant, action: 'update' }, {}, {}],
    ['delete', { action: 'delete', key: 'A' }, { a: 'old' }, { a: undefined }],
  ]
  for (const [name, header, headers, changes] of rows) {
    test(name, async () => {
      const extension = create({ headers: [header] })
      await extension.start()
      assert.deepEqual(await extension.requestHeaders({ headers, client: CLIENT }), changes)
    })
  }

  test('one after the other, after another authenticator', async () => {
    const bearer = bearerTokenAuth.create(
      testContext().ctx,
      bearerTokenAuth.schema.parse({ token: 't' }),
    )
    const ctx = { ...testContext().ctx, extension: () => bearer }
    const headers = [
      { action: 'update', key: 'Authorization', value: 'mine' },
      { action: 'delete', key: 'a' },
      { action: 'insert', key: 'a', value: '2' },
    ]
    const extension = create({ headers, additional_auth: 'bearer_token_auth' }, ctx)
    await extension.start()
    assert.deepEqual(await extension.requestHeaders({ headers: { a: '1' }, client: undefined }), {
      authorization: 'mine',
      a: '2',
    })
  })

  test('several values are an error', async () => {
    const extension = create({ headers: [{ key: 'a', from_context: 'two' }] })
    await assert.rejects(
      extension.requestHeaders({ headers: {}, client: CLIENT }),
      /2 source keys found in the context, can't determine which one to use/,
    )
  })

  for (const [config, want] of [
    [{}, /missing headers configuration/],
    [{ headers: [{ value: 'a' }] }, /missing header name/],
    [{ headers: [{ key: 'a' }] }, /missing header source/],
    [{ headers: [{ key: 'a', value: 'b', from_context: 'c' }] }, /invalid header source/],
    [{ headers: [{ key: 'a', value: 'b', action: 'replace' }] }, /action/],
  ] as const) {
    test(`${JSON.stringify(config)}: refused`, () =>
      assert.throws(() => headersSetter.schema.parse(config), want))
  }
})

describe('headers_setter of an exporter', () => {
  for (const [name, queue, want] of [
    ['without a queue', { enabled: false }, 'acme'],
    ['through a queue', {}, 'acme'],
    ['through a batch', { batch: {} }, 'none'],
    [
      'through a batch of each sender',
      { batch: { partition: { metadata_keys: ['X-Tenant'] } } },
      'acme',
    ],
  ] as const) {
    test(name, async (t) => {
      const got = Promise.withResolvers<http.IncomingHttpHeaders>()
      const server = http.createServer((request, response) => {
        got.resolve(request.headers)
        request.resume().on('end', () => response.end())
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      t.after(() => server.close())
      const header = { key: 'X-Out', from_context: 'X-Tenant', default_value: 'none' }
      const setter = create({ headers: [header, { action: 'delete', key: 'x-gone' }] })
      const ctx = { ...testContext().ctx, extension: () => setter }
      const exporter = otlpHttp.create.traces?.(
        ctx,
        otlpHttp.schema.parse({
          endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
          headers: { 'X-Gone': 'a', 'X-Out': 'old' },
          auth: { authenticator: 'headers_setter' },
          sending_queue: { ...queue, ...('batch' in queue && { queue_size: 10_000 }) },
        }),
      )
      assert(exporter !== undefined)
      await exporter.start()
      await exporter.consume(spans(1), { client: CLIENT })
      await exporter.shutdown(later())
      const headers = await got.promise
      assert.deepEqual([headers['x-out'], headers['x-gone']], [want, undefined])
    })
  }
})
