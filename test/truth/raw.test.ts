import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { type Agent, type Pairing, startAgent } from './agent.ts'
import { pathOf } from './compare.ts'
import { PROGRAMS } from './programs.ts'
import { type Expected, RAW_CASES } from './raw_cases.ts'
import { type ReceivedSpan, type Sink, startSink } from './sink.ts'

const run = promisify(execFile)
const QUIET_MS = 20_000

/** The pairing of one kind of span, in the words of the case. */
function asExpected(span: ReceivedSpan, wanted: Expected): Expected {
  const { attributes } = span
  const number = (name: string) => Number(attributes.get(name))
  return {
    path: pathOf(span),
    ...(wanted.method === undefined
      ? {}
      : { method: String(attributes.get('http.request.method')) }),
    ...(attributes.has('http.response.status_code')
      ? { status: number('http.response.status_code') }
      : {}),
    ...(wanted.responseBody === undefined
      ? {}
      : { responseBody: number('http.response.body.size') }),
    ...(wanted.requestBody === undefined ? {} : { requestBody: number('http.request.body.size') }),
    ...(wanted.partial === undefined ? {} : { partial: attributes.has('weir.partial') }),
    ...(wanted.error === undefined ? {} : { error: attributes.has('error.type') }),
  }
}

/** A client counts 4xx as errors and a server does not: only what both say alike is compared. */
function check(spans: readonly ReceivedSpan[], wanted: readonly Expected[], kind: string): void {
  const mine = spans.filter((span) => span.kind === kind)
  const found = wanted.flatMap((one) =>
    mine.filter((span) => pathOf(span) === one.path).map((span) => asExpected(span, one)),
  )
  assert.deepEqual(found, wanted, `${kind} spans`)
}

function playAll(pairing: Pairing): void {
  describe(`byte for byte, pairing ${pairing}`, () => {
    let sink: Sink
    let agent: Agent

    before(async () => {
      sink = await startSink()
      agent = await startAgent({ endpoint: sink.endpoint, pairing })
      await run('node', [`${PROGRAMS}raw.mjs`, JSON.stringify(RAW_CASES)])
      const expected = 2 * RAW_CASES.flatMap(({ spans }) => spans).length
      const isMine = (span: ReceivedSpan) => pathOf(span).startsWith('/r/')
      await sink.settled((spans) => spans.filter(isMine).length >= expected, QUIET_MS)
    })

    after(async () => {
      await agent.stop()
      await sink.close()
    })

    for (const { name, spans } of RAW_CASES) {
      test(name, () => {
        check(sink.spans, spans, 'server')
        check(sink.spans, spans, 'client')
      })
    }

    test('nothing invented', () => {
      const known = new Set(RAW_CASES.flatMap(({ spans }) => spans.map(({ path }) => path)))
      const strangers = sink.spans
        .map(pathOf)
        .filter((path) => path.startsWith('/r/') && !known.has(path))
      assert.deepEqual(strangers, [])
    })
  })
}

for (const pairing of ['auto', 'user'] as const) playAll(pairing)
