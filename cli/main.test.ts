import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { components } from '../components.ts'

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url))
const directory = mkdtempSync(join(tmpdir(), 'weir-cli-'))
after(() => rmSync(directory, { recursive: true }))

const GOOD = `receivers: {ebpf: }
exporters: {otlp_http: {endpoint: 'http://localhost:4318', headers: {authorization: secret}}}
service: {pipelines: {traces: {receivers: [ebpf], exporters: [otlp_http]}}}
`
const CONTRIB = `receivers: {ebpf: , hostmetrics: }
exporters: {debug: }
service:
  pipelines:
    traces: {receivers: [ebpf], exporters: [debug]}
    metrics: {receivers: [hostmetrics], exporters: [debug]}
`
const UNBUILDABLE = `receivers: {nop: }
exporters: {nop: }
processors: {attributes: {actions: [{key: a, action: delete}], include: {match_type: strict, span_names: [a]}}}
service: {pipelines: {logs: {receivers: [nop], processors: [attributes], exporters: [nop]}}}
`
writeFileSync(join(directory, 'unbuildable.yaml'), UNBUILDABLE)
writeFileSync(join(directory, 'good.yaml'), GOOD)
writeFileSync(join(directory, 'contrib.yaml'), CONTRIB)
writeFileSync(join(directory, 'bad.yaml'), `${GOOD}servcie: 1\n`)

function weir(...argv: string[]) {
  const env = { PATH: process.env['PATH'], HOME: directory }
  return spawnSync(process.execPath, [MAIN, ...argv], { cwd: directory, env, encoding: 'utf8' })
}

type Row = [name: string, argv: string[], code: number, stdout: RegExp, stderr: RegExp]
const rows: Row[] = [
  ['--version', ['--version'], 0, /^weir version \d+\.\d+\.\d+\n$/, /^$/],
  ['--help', ['--help'], 0, /^weir watches [\s\S]*validate/, /^$/],
  ['a good configuration is silent', ['validate', '--config', 'good.yaml'], 0, /^$/, /^$/],
  ['the shipped configuration is good', ['validate'], 0, /^$/, /^$/],
  [
    'a bad one is explained',
    ['validate', '--config', 'bad.yaml'],
    1,
    /^$/,
    /^Error: invalid configuration:\nbad\.yaml:4:1: '' has invalid keys: servcie \(did you mean "service"\?\)/,
  ],
  [
    'a missing one',
    ['validate', '--config', 'gone.yaml'],
    1,
    /^$/,
    /open gone\.yaml: no such file or directory/,
  ],
  [
    'a gate that there is not',
    ['validate', '--feature-gates=no.such.gate'],
    1,
    /^$/,
    /no such feature gate "no\.such\.gate"/,
  ],
  [
    'a gate whose metrics weir has not',
    ['validate', '--feature-gates=telemetry.newPipelineTelemetry'],
    0,
    /^$/,
    /^warning: feature gate "telemetry\.newPipelineTelemetry": it changes nothing: weir has no metrics of items/,
  ],
  [
    'docs of a component, by its old name',
    ['components', '--docs', 'k8sattributes'],
    0,
    /^# k8s_attributes\n[\s\S]*\| `kube_api_qps` \| integer \| `5` \|[\s\S]*Limits: /,
    /^$/,
  ],
  [
    'docs of a name that two kinds share',
    ['components', '--docs', 'memory_limiter'],
    0,
    /^# memory_limiter[\s\S]*\n# memory_limiter/,
    /^$/,
  ],
  [
    'docs of a component that there is not',
    ['components', '--docs', 'spanmetric'],
    2,
    /^$/,
    /no such component "spanmetric"[\s\S]*did you mean "span_metrics"/,
  ],
  [
    'a component of contrib',
    ['validate', '--config', 'contrib.yaml'],
    1,
    /^$/,
    /contrib\.yaml:1:21: receivers: 'receivers' unknown type: "hostmetrics".*--skip-unsupported/,
  ],
  [
    'a component that cannot be built',
    ['validate', '--config', 'unbuildable.yaml'],
    1,
    /^$/,
    /unbuildable\.yaml:3:14: processors::attributes: .*failed to create "attributes" processor for data type "logs": services, span_names, and span_kinds are not valid for log records/,
  ],
  [
    'a component of contrib, left out',
    ['validate', '--skip-unsupported', '--config', 'contrib.yaml'],
    0,
    /^$/,
    /receiver "hostmetrics" is left out[\s\S]*pipeline "metrics" is left out/,
  ],
  [
    'a verb misspelt',
    ['vlaidate'],
    2,
    /^$/,
    /^Error: unknown verb "vlaidate"\n {2}hint: did you mean "validate"\?\n$/,
  ],
  [
    'a secret is not printed',
    ['print-config', '--config', 'good.yaml'],
    0,
    /authorization: "\[REDACTED\]"/,
    /^$/,
  ],
  [
    'unless that is wanted',
    ['print-config', '--mode', 'unredacted', '--config', 'good.yaml'],
    0,
    /authorization: secret/,
    /^$/,
  ],
  [
    'origins',
    ['print-config', '--origins', '--config', 'good.yaml', '--set', 'processors.batch.timeout=2s'],
    0,
    /endpoint: http:\/\/localhost:4318 # good\.yaml:2:35[\s\S]*timeout: 2s # --set=processors\.batch\.timeout\n/,
    /^$/,
  ],
  [
    'JSON',
    ['print-config', '--format', 'json', '--config', 'good.yaml'],
    0,
    /^\{\n {2}"receivers"/,
    /^$/,
  ],
  [
    'what is wrong is printed too',
    ['print-config', '--config', 'good.yaml', '--set', 'processors.batch.timout=2s'],
    0,
    /timout: 2s/,
    /^$/,
  ],
  [
    'unless it is to be valid',
    ['print-config', '--validate', '--config', 'good.yaml', '--set', 'processors.batch.timout=2s'],
    1,
    /^$/,
    /'batch' has invalid keys: timout \(did you mean "timeout"\?\)/,
  ],
  [
    'a format that there is not',
    ['print-config', '--format', 'toml'],
    2,
    /^$/,
    /--format: unknown value "toml"/,
  ],
  [
    'gates',
    ['featuregate'],
    0,
    /^ID +Enabled +Stage +Description\nconfmap\.enableMergeAppendOption +false +alpha/,
    /^$/,
  ],
  [
    'a gate',
    ['featuregate', 'confmap.enableMergeAppendOptions'],
    2,
    /^$/,
    /did you mean "confmap\.enableMergeAppendOption"/,
  ],
]

describe('weir', () => {
  for (const [name, argv, code, stdout, stderr] of rows) {
    test(name, () => {
      const result = weir(...argv)
      assert.match(result.stderr, stderr)
      assert.match(result.stdout, stdout)
      assert.equal(result.status, code)
    })
  }

  test('components lists every factory', () => {
    const listed = parse(weir('components').stdout)
    const names = ['receivers', 'processors', 'exporters', 'connectors', 'extensions'].flatMap(
      (section) => listed[section].map(({ name }: { name: string }) => name),
    )
    assert.deepEqual(names.sort(), components.map(({ type }) => type).sort())
  })

  test('the schema has every component and its defaults', () => {
    const schema = JSON.parse(weir('schema').stdout)
    const batch = schema.properties.processors.patternProperties['^(batch)(/.+)?$']
    assert.equal(batch.properties.timeout.default, '200ms')
    assert.equal(batch.additionalProperties, false)
  })

  test('a reader that goes away is no error', () => {
    const command = `"${process.execPath}" "${MAIN}" schema | head -n 1`
    const result = spawnSync('sh', ['-c', command], { encoding: 'utf8' })
    assert.equal(result.stdout, '{\n')
    assert.equal(result.stderr, '')
  })

  test('a full disk is said once, without a stack', () => {
    const command = `"${process.execPath}" "${MAIN}" schema >/dev/full`
    const result = spawnSync('sh', ['-c', command], { encoding: 'utf8' })
    assert.match(result.stderr, /^Error: write to standard output: ENOSPC: [^\n]*\n$/)
    assert.equal(result.status, 1)
  })
})
