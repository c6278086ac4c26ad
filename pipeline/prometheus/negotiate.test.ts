import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Family } from './family.ts'
import { negotiate } from './negotiate.ts'

const PROTOBUF =
  'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited'
const OPEN = 'application/openmetrics-text;version=1.0.0'
const CLASSIC_TYPE = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores'

type Case = [name: string, accept: string, open: boolean, want: string]
const cases: Case[] = [
  ['nothing asked for', '', true, CLASSIC_TYPE],
  ['a browser', 'text/html,*/*;q=0.8', true, CLASSIC_TYPE],
  ['OpenMetrics where it is off', `${OPEN},text/plain;q=0.5`, false, CLASSIC_TYPE],
  [
    'OpenMetrics where it is on',
    `text/plain;version=0.0.4;q=0.5,${OPEN}`,
    true,
    'application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores',
  ],
  [
    'OpenMetrics of a version to come',
    'application/openmetrics-text;version=9',
    true,
    CLASSIC_TYPE,
  ],
  ['refused by q=0', `${OPEN};q=0`, true, CLASSIC_TYPE],
  [
    'protobuf before text',
    `${PROTOBUF},text/plain;version=0.0.4;q=0.4`,
    false,
    'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=underscores',
  ],
  ['protobuf of something else', 'application/vnd.google.protobuf;proto=x', false, CLASSIC_TYPE],
  [
    'names in UTF-8',
    'text/plain;version=1.0.0;escaping=allow-utf-8',
    false,
    'text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8',
  ],
]

describe('negotiate', () => {
  for (const [name, accept, open, want] of cases) {
    test(name, () => assert.equal(negotiate(accept, open).contentType, want))
  }

  const family: Family = {
    name: 'http.hits_total',
    type: 'counter',
    help: 'Hits "so far"\nof all',
    samples: [{ labels: new Map([['http.method', 'GET']]), value: { kind: 'number', value: 2 } }],
  }

  test('names in UTF-8 are quoted for who knows them, and escaped for others', () => {
    assert.equal(
      negotiate('text/plain;version=1.0.0;escaping=allow-utf-8', false).body([family]),
      `# HELP "http.hits_total" Hits "so far"\\nof all
# TYPE "http.hits_total" counter
{"http.hits_total","http.method"="GET"} 2
`,
    )
    assert.equal(
      negotiate(OPEN, true).body([family]),
      `# HELP http_hits Hits \\"so far\\"\\nof all
# TYPE http_hits counter
http_hits_total{http_method="GET"} 2.0
# EOF
`,
    )
  })
})
