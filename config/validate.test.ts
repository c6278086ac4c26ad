import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { components } from '../components.ts'
import { toPlain } from './expanded.ts'
import { formatIssue } from './issue.ts'
import { redact } from './redact.ts'
import { Registry } from './registry.ts'
import { skipUnsupported } from './skip_unsupported.ts'
import { validate } from './validate.ts'
import { parseYaml } from './yaml.ts'

const registry = new Registry(components)
await registry.loadAll()
const tree = (yaml: string) => parseYaml(yaml, 'a.yaml').node
const errors = (yaml: string): string[] =>
  validate(tree(yaml), registry)
    .issues.filter(({ severity }) => severity === 'error')
    .map(formatIssue)

const file = (more = '', pipeline = '{receivers: [ebpf], exporters: [console]}') =>
  `receivers: {ebpf: }
exporters: {console: }
${more}
service:
  pipelines:
    traces: ${pipeline}
`

type Row = [name: string, yaml: string, want: RegExp[]]
const rows: Row[] = [
  ['nothing wrong', file(), []],
  [
    'several mistakes, in the order of the file',
    file('processors:\n  batch: {timout: 1s, send_batch_size: many}\n  bach:'),
    [
      /^a\.yaml:4:11: processors::batch: 'batch' has invalid keys: timout \(did you mean "timeout"\?\)/,
      /^a\.yaml:4:\d+: processors::batch::send_batch_size: 'send_batch_size' expected type 'int'/,
      /^a\.yaml:5:3: processors: 'processors' unknown type: "bach" for id: "bach" .*did you mean "batch"\?/,
    ],
  ],
  [
    'a reference misspelt',
    file('', '{receivers: [ebfp], exporters: [console]}'),
    [
      /^a\.yaml:6:26: service::pipelines::traces: references receiver "ebfp" which is not configured.*did you mean "ebpf"\?/,
    ],
  ],
  [
    'a component of an unknown type is not also said to be missing',
    file(
      'processors: {nosuch: }',
      '{receivers: [ebpf], processors: [nosuch], exporters: [console]}',
    ),
    [/unknown type: "nosuch"/],
  ],
  [
    'a signal that a component does not take',
    file(
      'processors:',
      '{receivers: [ebpf], exporters: [console]}\n    logs: {receivers: [ebpf], exporters: [console]}',
    ),
    [
      /"ebpf" receiver for data type "logs": telemetry type is not supported/,
      /"console" exporter.*telemetry type is not supported/,
    ],
  ],
  [
    'an id twice',
    file('processors: {batch/a: , " batch / a": }'),
    [/duplicate name "batch\/a" after unmarshaling/],
  ],
  [
    'a removed exporter',
    file('').replace('{console: }', '{console: , logging: }'),
    [/the logging exporter has been deprecated, use the debug exporter instead/],
  ],
  [
    'a key of service',
    file('').replace('  pipelines', '  pipline: 1\n  pipelines'),
    [/^a\.yaml:5:3: service: 'service' has invalid keys: pipline \(did you mean "pipelines"\?\)/],
  ],
]

describe('validate', () => {
  for (const [name, yaml, want] of rows) {
    test(name, () => {
      const found = errors(yaml)
      assert.equal(found.length, want.length, found.join('\n'))
      want.forEach((pattern, i) => {
        assert.match(found[i] ?? '', pattern)
      })
    })
  }

  const spellings = ['otlphttp', 'otlp_http', 'ot_lp_http']
  for (const type of spellings) {
    test(`${type} is otlp_http`, () => {
      const exporter = `{console: , ${type}: {endpoint: 'http://a:1'}}`
      const yaml = file('').replace('{console: }', exporter)
      const { pipelines, issues } = validate(tree(yaml), registry)
      assert.equal(pipelines.exporters.get(type)?.factory.type, 'otlp_http')
      const deprecated = issues.filter(({ message }) => message.includes('alias is deprecated'))
      assert.equal(deprecated.length, type === 'otlp_http' ? 0 : 1)
    })
  }
})

test('skipUnsupported takes components, references and emptied pipelines away', () => {
  const yaml = `receivers: {ebpf: , k8s_cluster: }
processors: {geoip: , batch: }
exporters: {console: }
extensions: {opamp: }
service:
  extensions: [opamp]
  pipelines:
    traces: {receivers: [ebpf, k8s_cluster], processors: [geoip, batch], exporters: [console]}
    metrics: {receivers: [k8s_cluster], exporters: [console]}
`
  const { root, issues, skipped } = skipUnsupported(tree(yaml), registry)
  assert.deepEqual(JSON.parse(JSON.stringify(toPlain(root))), {
    receivers: { ebpf: null },
    processors: { batch: null },
    exporters: { console: null },
    extensions: {},
    service: {
      extensions: [],
      pipelines: { traces: { receivers: ['ebpf'], processors: ['batch'], exporters: ['console'] } },
    },
  })
  assert.equal(skipped, 3)
  assert.equal(issues.length, 4)
})

test('skipUnsupported leaves a misspelt type for the error', () => {
  const { root, skipped } = skipUnsupported(tree('receivers: {ebfp: }'), registry)
  assert.equal(skipped, 0)
  assert.deepEqual(JSON.parse(JSON.stringify(toPlain(root))), { receivers: { ebfp: null } })
})

type Secret = [name: string, yaml: string]
const secrets: Secret[] = [
  ['a map of headers', 'exporters: {otlp_http/a: {headers: {x: hunter2}}}'],
  ['a list of headers', 'exporters: {otlp_http: {headers: [{name: x, value: hunter2}]}}'],
  ['a key', 'exporters: {otlphttp: {tls: {key_pem: hunter2}}}'],
  ['a component that weir has not', 'exporters: {kafka: {auth: {sasl: {password: hunter2}}}}'],
  ['an odd spelling', 'exporters: {ot_lp_http: {tls: {key_pem: hunter2}}}'],
]

describe('redact', () => {
  for (const [name, yaml] of secrets) {
    test(name, () => {
      const shown = JSON.stringify(toPlain(redact(tree(yaml), registry)))
      assert.equal(shown.includes('hunter2'), false, shown)
      assert.ok(shown.includes('[REDACTED]'), shown)
    })
  }
})
