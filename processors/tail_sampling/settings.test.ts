import assert from 'node:assert/strict'
import { afterEach, describe, mock, test } from 'node:test'
import { started } from './testing.ts'

afterEach(() => mock.timers.reset())

describe('settings', () => {
  const policy = (more: object) => ({ policies: [{ name: 'p', type: 'always_sample', ...more }] })
  const rows: [name: string, config: object, message: RegExp][] = [
    ['a policy without a name', policy({ name: '' }), /policy name cannot be empty/],
    [
      'two of a name',
      { policies: [...policy({}).policies, ...policy({}).policies] },
      /duplicate policy name "p"/,
    ],
    ['an unknown type', policy({ type: 'luck' }), /unknown sampling policy type luck/],
    [
      'a number without bounds',
      policy({ type: 'numeric_attribute', numeric_attribute: { key: 'k' } }),
      /at least one of min_value or max_value must be set/,
    ],
    [
      'no status code',
      policy({ type: 'status_code', status_code: { status_codes: [] } }),
      /expected at least one status code to filter on/,
    ],
    [
      'a status code that is none',
      policy({ type: 'status_code', status_code: { status_codes: ['FINE'] } }),
      /unknown status code "FINE", supported: OK, ERROR, UNSET/,
    ],
    [
      'a wrong expression',
      policy({
        type: 'string_attribute',
        string_attribute: { key: 'k', values: ['('], enabled_regex_matching: true },
      }),
      /failed to create policy evaluator for "p": invalid regex `\(`/,
    ],
    [
      'an unknown strategy',
      { sampling_strategy: 'luck' },
      /invalid sampling_strategy "luck", expected one of "trace-complete" or "span-ingest"/,
    ],
    [
      'a rate in strategy span-ingest',
      {
        sampling_strategy: 'span-ingest',
        ...policy({
          type: 'and',
          and: { and_sub_policy: [{ name: 'q', type: 'rate_limiting' }] },
        }),
      },
      /requires all policies to be stateless, but policy "p" is stateful/,
    ],
    [
      'more shards than there may be',
      { num_shards: 257 },
      /num_shards \(257\) must not exceed 256/,
    ],
    ['nothing in not', policy({ type: 'not' }), /not_sub_policy is missing/],
    ['nothing in composite', policy({ type: 'composite' }), /composite_sub_policy is missing/],
  ]
  for (const [name, config, message] of rows) {
    test(name, () => assert.throws(() => started(config), message))
  }

  test('says which sections of a policy are not for its type', () => {
    const run = started(policy({ latency: { threshold_ms: 1 } }))
    assert.match(run.lines.join(), /policy p of type always_sample has no use for latency/)
  })
})
