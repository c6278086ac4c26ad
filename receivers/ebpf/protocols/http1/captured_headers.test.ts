import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { attribute } from '../../../../pipeline/data/attributes.ts'
import { parsersOf } from './captured_headers.ts'
import { someShown } from './shown_headers.ts'
import { play, SERVER } from './testing/in_place.ts'

const REQUEST =
  'GET /a HTTP/1.1\r\nHost: shop\r\nX-Tenant: a\r\nx-tenant:  b \r\nAuthorization: Bearer SECRET\r\nCookie: id=SECRET\r\nX-Other: c\r\n\r\n'
const RESPONSE =
  'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Cache: HIT\r\nSet-Cookie: id=SECRET\r\n\r\n'
const ALL = {
  request: ['x-tenant', 'authorization', 'cookie', 'x-absent'],
  response: ['x-cache', 'set-cookie'],
}

function spanOf(headers: typeof ALL, request = REQUEST) {
  const { spans, plain } = play([[request, RESPONSE]], SERVER, true, {
    shown: someShown(headers),
  })
  const attributes = spans[0]?.attributes ?? []
  const values = (key: string) => {
    const found = attribute(attributes, key)
    return found?.kind === 'array'
      ? found.value.map((one) => 'value' in one && one.value)
      : undefined
  }
  return { spans, plain, values, text: JSON.stringify(spans) }
}

describe('headers that spans show', () => {
  test('every value by its name; what opens doors is redacted', () => {
    const { values, spans, text } = spanOf(ALL)
    assert.equal(spans.length, 1)
    assert.deepEqual(
      [...ALL.request, 'x-other'].map((name) => values(`http.request.header.${name}`)),
      [['a', 'b'], ['REDACTED'], ['REDACTED'], undefined, undefined],
    )
    assert.deepEqual(
      ALL.response.map((name) => values(`http.response.header.${name}`)),
      [['HIT'], ['REDACTED']],
    )
    assert.doesNotMatch(text, /SECRET/)
  })

  test('not one that may have been cut', () => {
    const parser = parsersOf(ALL).request
    const cut = Buffer.from(REQUEST.slice(0, REQUEST.indexOf('b \r\n')), 'latin1')
    const result = parser.parse(cut, 0, true)
    assert.ok(result.kind === 'frame')
    assert.match(JSON.stringify(result.frame.shown), /"a"/)
    assert.doesNotMatch(JSON.stringify(result.frame.shown), /"b?"/u)
  })

  test('without names nothing is looked at, and spans are written in place', () => {
    const { spans, plain, text } = spanOf({ request: [], response: [] })
    assert.deepEqual([spans.length, plain], [1, 1])
    assert.doesNotMatch(text, /header/)
  })
})
