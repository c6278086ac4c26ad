import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { later, testContext } from '../../test/support/context.ts'
import { freePort } from '../../test/support/ports.ts'
import { zpages } from './factory.ts'
import { page, table } from './html.ts'
import { inWords } from './zpages.ts'

async function served(t: TestContext, more: object = {}) {
  const port = await freePort()
  const { ctx } = testContext('zpages')
  const settings = zpages.schema.parse({ endpoint: `127.0.0.1:${port}`, ...more })
  const extension = zpages.create(ctx, settings)
  extension.onConfig?.({
    pipelines: new Map([
      [
        'traces/in',
        { receivers: ['otlp'], processors: ['batch', 'resource'], exporters: ['debug'] },
      ],
    ]),
    service: { extensions: ['zpages'] },
    gates: [{ id: 'a.gate', enabled: true, stage: 'alpha', description: 'Does it.' }],
  })
  extension.onStatus?.({ kind: 'receiver', id: 'otlp', signal: 'traces' }, { kind: 'ok' })
  const error = new Error('<down>')
  extension.onStatus?.(
    { kind: 'exporter', id: 'debug', signal: 'traces' },
    { kind: 'recoverable_error', error },
  )
  extension.onStatus?.({ kind: 'extension', id: 'zpages' }, { kind: 'ok' })
  await extension.start()
  const span = ctx.startSpan('exporter/a/traces')
  span?.end({ 'items.sent': 0 }, new Error('<gone>'))
  t.after(() => extension.shutdown(later()))
  return (path: string) => fetch(`http://127.0.0.1:${port}${path}`)
}

describe('zpages', () => {
  const rows: [path: string, parts: RegExp[]][] = [
    [
      '/debug/servicez',
      [
        /<td>traces\/in<\/td>/,
        /MiB resident/,
        /<a href="\/debug\/servicez" aria-current="page">servicez<\/a><a href="\/debug\/pipelinez">/,
      ],
    ],
    [
      '/debug/pipelinez',
      [
        /batch → resource/,
        /otlp \(traces\)<\/td><td class="good">ok/,
        /<td class="bad">recoverable_error: &lt;down&gt;/,
      ],
    ],
    ['/debug/extensionz', [/<td>zpages<\/td><td class="good">ok/]],
    ['/debug/featurez', [/a\.gate<\/td><td class="good">on/]],
    [
      '/debug/tracez',
      [
        /<td>exporter\/a\/traces<\/td>(<td>0<\/td>)*<td>1<\/td>(<td>0<\/td>)*<td class="bad">1<\/td>/,
        /Last errors<\/h2>[\s\S]*<td class="bad">&lt;gone&gt;, items.sent 0<\/td>[\s\S]*Last spans/,
      ],
    ],
  ]
  for (const [path, parts] of rows) {
    test(path, async (t) => {
      const answer = await (await served(t))(path)
      assert.equal(answer.headers.get('content-type'), 'text/html; charset=utf-8')
      const text = await answer.text()
      for (const part of parts) assert.match(text, part)
    })
  }

  const spans: [ms: number, words: string][] = [
    [900, '0 s'],
    [65_000, '1 min 5 s'],
    [3_600_000, '1 h 0 min'],
    [183_600_000, '2 d 3 h'],
  ]
  for (const [ms, words] of spans) test(words, () => assert.equal(inWords(ms), words))

  test('expvarz is off unless asked for', async (t) => {
    assert.equal((await (await served(t))('/debug/expvarz')).status, 404)
  })

  test('expvarz', async (t) => {
    const get = await served(t, { expvar: { enabled: true } })
    const variables = (await (await get('/debug/expvarz')).json()) as { memstats: { rss: number } }
    assert(variables.memstats.rss > 0)
  })

  test('an unknown page', async (t) => {
    assert.equal((await (await served(t))('/debug/nothing')).status, 404)
  })

  test('what others wrote is no HTML', () => {
    assert.match(page('<t>', table(['a'], [['<b>&"\'']])), /<td>&lt;b&gt;&amp;&quot;&#39;<\/td>/)
  })
})
