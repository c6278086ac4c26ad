import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { freePort } from '../support/ports.ts'
import { launch } from '../telemetry/weir.ts'

const text = (key: string, stringValue: string) => ({ key, value: { stringValue } })

const spanOf = (path: string, status: string) => ({
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  name: `GET ${path}`,
  kind: 2,
  attributes: [
    text('url.path', path),
    { key: 'http.response.status_code', value: { intValue: status } },
  ],
})

const request = (service: string, ...spans: readonly object[]) => ({
  resource: { attributes: [text('service.name', service)] },
  scopeSpans: [{ scope: { name: 'http' }, spans }],
})

function documentOf(port: number, folder: string): object {
  const file = (name: string) => ({ path: join(folder, name) })
  return {
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}` } } } },
    processors: {
      transform: {
        trace_statements: [
          'replace_pattern(span.name, "/\\\\d+", "/{id}")',
          'set(span.status.code, STATUS_CODE_ERROR) where span.attributes["http.response.status_code"] >= 500',
          'set(resource.attributes["team"], ConvertCase(resource.attributes["service.name"], "upper"))',
        ],
      },
      filter: { trace_conditions: ['span.attributes["url.path"] == "/healthz"'] },
    },
    connectors: {
      routing: {
        default_pipelines: ['traces/others'],
        table: [
          {
            context: 'span',
            condition: 'status.code == STATUS_CODE_ERROR',
            pipelines: ['traces/errors'],
          },
          { condition: 'attributes["team"] == "SHOP"', pipelines: ['traces/shop'] },
        ],
      },
    },
    exporters: {
      'file/errors': file('errors'),
      'file/shop': file('shop'),
      'file/others': file('others'),
    },
    service: {
      telemetry: { metrics: { level: 'none' } },
      pipelines: {
        'traces/in': {
          receivers: ['otlp'],
          processors: ['transform', 'filter'],
          exporters: ['routing'],
        },
        'traces/errors': { receivers: ['routing'], exporters: ['file/errors'] },
        'traces/shop': { receivers: ['routing'], exporters: ['file/shop'] },
        'traces/others': { receivers: ['routing'], exporters: ['file/others'] },
      },
    },
  }
}

interface Written {
  readonly resourceSpans: readonly {
    readonly resource: {
      readonly attributes: readonly { readonly value: { readonly stringValue: string } }[]
    }
    readonly scopeSpans: readonly { readonly spans: readonly { readonly name: string }[] }[]
  }[]
}

/** `team: names` of what a file holds. */
const written = (path: string): readonly string[] =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .flatMap((line) => (JSON.parse(line) as Written).resourceSpans)
    .map(({ resource, scopeSpans }) => {
      const names = scopeSpans.flatMap(({ spans }) => spans.map(({ name }) => name))
      return `${resource.attributes[1]?.value.stringValue}: ${names.join(', ')}`
    })

test('OTLP through transform, filter and routing of a running weir', {
  timeout: 60_000,
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-ottl-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const port = await freePort()
  const weir = launch(documentOf(port, folder), port)
  await weir.says('Everything is ready')
  const resourceSpans = [
    request(
      'shop',
      spanOf('/items/1', '200'),
      spanOf('/healthz', '200'),
      spanOf('/items/2', '503'),
    ),
    request('cart', spanOf('/cart/77', '200'), spanOf('/healthz', '200')),
  ]
  const response = await fetch(`http://127.0.0.1:${port}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans }),
  })
  assert.equal(response.status, 200)
  assert.equal(await weir.stop(), 0)
  assert.deepEqual(written(join(folder, 'errors')), ['SHOP: GET /items/{id}'])
  assert.deepEqual(written(join(folder, 'shop')), ['SHOP: GET /items/{id}'])
  assert.deepEqual(written(join(folder, 'others')), ['CART: GET /cart/{id}'])
})
