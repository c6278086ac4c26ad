import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isMap, toPlain } from '../expanded.ts'
import { formatIssue } from '../issue.ts'
import { parseYaml } from '../yaml.ts'
import { defaultOverlay } from './default_overlay.ts'
import { isObiConfig } from './obi_settings.ts'

interface Plain {
  readonly receivers?: { readonly ebpf?: Readonly<Record<string, unknown>> }
  readonly processors?: Readonly<Record<string, unknown>>
  readonly exporters?: Readonly<Record<string, unknown>>
  readonly service?: {
    readonly pipelines?: Readonly<Record<string, unknown>>
    readonly telemetry?: unknown
  }
}

function overlay(env: Record<string, string>, yaml?: string) {
  const { node, issues } = defaultOverlay(env, yaml ? parseYaml(yaml, 'obi.yaml').node : undefined)
  const plain = JSON.parse(JSON.stringify(node === undefined ? {} : toPlain(node))) as Plain
  return { plain, issues: issues.map(formatIssue) }
}

const pipelinesOf = (env: Record<string, string>) => overlay(env).plain.service?.pipelines
const OTLP = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://b:4318' }
const toOtlp = { receivers: ['ebpf'], processors: ['batch'], exporters: ['otlp_http'] }

describe('exporters by the environment', () => {
  type Case = [name: string, env: Record<string, string>, want: unknown]
  const cases: Case[] = [
    ['nothing said', {}, undefined],
    ['an endpoint', OTLP, { 'traces/otlp': toOtlp }],
    ['otlp alone', { ...OTLP, OTEL_TRACES_EXPORTER: 'otlp' }, { traces: toOtlp }],
    ['otlp to its default', { OTEL_TRACES_EXPORTER: 'otlp' }, { traces: toOtlp }],
    ['console', { ...OTLP, OTEL_TRACES_EXPORTER: 'console' }, undefined],
    ['both', { ...OTLP, OTEL_TRACES_EXPORTER: 'otlp, console' }, { 'traces/otlp': toOtlp }],
    [
      'none',
      { ...OTLP, OTEL_TRACES_EXPORTER: 'none' },
      { traces: { receivers: ['ebpf'], exporters: ['nop'] } },
    ],
    [
      'disabled',
      { ...OTLP, OTEL_SDK_DISABLED: 'true' },
      { traces: { receivers: ['nop'], exporters: ['nop'] } },
    ],
    ['no printer', { ...OTLP, OTEL_EBPF_TRACE_PRINTER: 'disabled' }, { traces: toOtlp }],
    ['a printer, of Beyla', { ...OTLP, BEYLA_TRACE_PRINTER: 'text' }, { 'traces/otlp': toOtlp }],
  ]
  for (const [name, env, want] of cases) {
    test(name, () => assert.deepEqual(pipelinesOf(env), want))
  }

  test('the port of gRPC says the protocol, if nobody else does', () => {
    const endpoint = 'http://b:4317'
    const types = (env: Record<string, string>) => Object.keys(overlay(env).plain.exporters ?? {})
    assert.deepEqual(types({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }), ['otlp_grpc'])
    const protocol = { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' }
    assert.deepEqual(types({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...protocol }), ['otlp_http'])
  })

  test('OTEL_BSP_*', () => {
    const { plain } = overlay({
      ...OTLP,
      OTEL_BSP_SCHEDULE_DELAY: '500',
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '64',
      OTEL_BSP_MAX_QUEUE_SIZE: '4096',
      OTEL_BSP_EXPORT_TIMEOUT: '7000',
    })
    const batch = { timeout: '500ms', send_batch_max_size: 64, send_batch_size: 64 }
    assert.deepEqual(plain.processors?.['batch'], batch)
    const want = { queue_size: 4096, sizer: 'items' }
    const endpoint = OTLP.OTEL_EXPORTER_OTLP_ENDPOINT
    const exporter = { endpoint, sending_queue: want, timeout: '7000ms' }
    assert.deepEqual(plain.exporters?.['otlp_http'], exporter)
  })
})

describe('processes by the environment', () => {
  test("OBI's shortcuts are one entry, named as weir's own service", () => {
    const { plain } = overlay({
      OTEL_EBPF_OPEN_PORT: '8080',
      BEYLA_AUTO_TARGET_EXE: '*/cart',
      OTEL_EBPF_TARGET_PID: '7,8',
      OTEL_SERVICE_NAME: 'cart',
      OTEL_RESOURCE_ATTRIBUTES: 'service.namespace=shop,team=a%20b',
    })
    const entry = {
      open_ports: 8080,
      exe_path: '*/cart',
      target_pids: [7, 8],
      name: 'cart',
      namespace: 'shop',
    }
    assert.deepEqual(plain.receivers?.ebpf?.['discovery'], { instrument: [entry] })
    const attributes = [{ key: 'team', value: 'a b', action: 'insert' }]
    assert.deepEqual(plain.processors?.['resource/environment'], { attributes })
  })

  test('without a shortcut the name is of nobody, and that is said', () => {
    const { plain, issues } = overlay({
      OTEL_SERVICE_NAME: 'cart',
      OTEL_RESOURCE_ATTRIBUTES: 'a=b',
    })
    assert.deepEqual(plain, {})
    const why = 'it is for what OTEL_EBPF_OPEN_PORT and its like select, and none is set'
    assert.deepEqual(issues, [
      `env:OTEL_SERVICE_NAME: warning: has no effect: ${why}`,
      `env:OTEL_RESOURCE_ATTRIBUTES: warning: has no effect: ${why}`,
    ])
  })

  test('of two names of one option the prefix of OBI counts', () => {
    const { plain, issues } = overlay({ BEYLA_OPEN_PORT: '80', OTEL_EBPF_OPEN_PORT: '81' })
    assert.deepEqual(plain.receivers?.ebpf?.['discovery'], { instrument: [{ open_ports: 81 }] })
    assert.deepEqual(issues, [
      'env:BEYLA_OPEN_PORT: warning: has no effect: OTEL_EBPF_OPEN_PORT says otherwise, and comes first',
    ])
  })

  test('a process id that is none stays what it was, for the error to show', () => {
    const { plain } = overlay({ OTEL_EBPF_TARGET_PID: '7, x' })
    assert.deepEqual(plain.receivers?.ebpf?.['discovery'], {
      instrument: [{ target_pids: [7, 'x'] }],
    })
  })

  const faults: readonly [name: string, value: string, want: RegExp][] = [
    ['OTEL_EXPORTER_OTLP_TIMEOUT', '10s', /^[^ ]+ expected milliseconds, got "10s"$/],
    ['OTEL_BSP_SCHEDULE_DELAY', '-1', /^[^ ]+ expected milliseconds, got "-1"$/],
    ['OTEL_METRIC_EXPORT_INTERVAL', '5s', /^[^ ]+ expected milliseconds, got "5s"$/],
    ['OTEL_SDK_DISABLED', 'yes', /warning: expected true or false, got "yes": taken as false$/],
    ['OTEL_RESOURCE_ATTRIBUTES', 'team', /warning: has no effect: expected "key=value,key=value"/],
  ]
  for (const [name, value, want] of faults) {
    test(`${name}=${value}`, () => {
      const shown = overlay({ ...OTLP, OTEL_METRICS_EXPORTER: 'otlp', [name]: value })
      assert.equal(shown.issues.length, 1)
      assert.match(shown.issues[0] ?? '', want)
      assert.deepEqual(shown.plain, overlay({ ...OTLP, OTEL_METRICS_EXPORTER: 'otlp' }).plain)
    })
  }

  test('the sampler, and a ratio that is none', () => {
    const sampler = { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '1.5' }
    const { plain, issues } = overlay(sampler)
    assert.deepEqual(plain.receivers?.ebpf, { sampler: { name: 'traceidratio' } })
    assert.deepEqual(issues, [
      'env:OTEL_TRACES_SAMPLER_ARG: warning: expected a number from 0 to 1, got "1.5"',
    ])
  })

  test('what means nothing here is warned about by name', () => {
    const { issues } = overlay({ OTEL_EBPF_BPF_WAKEUP_LEN: '5', BEYLA_OPEN_PROT: '80' })
    assert.deepEqual(issues.sort(), [
      'env:BEYLA_OPEN_PROT: warning: has no effect: weir knows no such variable (did you mean "BEYLA_OPEN_PORT"?)',
      'env:OTEL_EBPF_BPF_WAKEUP_LEN: warning: has no effect: weir drains its rings by a timer: receivers::ebpf::drain',
    ])
  })
})

const OBI_YAML = `
log_level: DEBUG
trace_printer: disabled
discovery:
  instrument:
    - exe_path: "*/cart"
      name: $cart
      sampler: { name: traceidratio, arg: "0.25" }
  poll_interval: 1s
routes:
  unmatched: heuristic
  patterns: ["/users/{id}"]
otel_traces_export:
  endpoint: http://b:4318/v1/traces
  sampler:
    name: traceidratio
    arg: "0.5"
prometheus_export:
  port: 9090
rooutes: {}
`

const PODS_YAML = `
open_port: 8443
discovery:
  instrument:
    - k8s_deployment_name: cart
      k8s_pod_labels: {team: "shop*"}
  exclude_instrument:
    - k8s_pod_annotations: {watch: "no"}
attributes:
  kubernetes:
    enable: true
    kubeconfig_path: /etc/weir/kubeconfig
    cluster_name: eu-1
    resource_labels: {service.name: [app]}
`

describe("a file of OBI's", () => {
  test('selects by pods, and says whom to ask for them; the shortcut is one more entry', () => {
    const { plain } = overlay({ OTEL_EBPF_KUBE_CLUSTER_NAME: 'us-2' }, PODS_YAML)
    assert.deepEqual(plain.receivers?.ebpf, {
      discovery: {
        instrument: [
          { k8s_deployment_name: 'cart', k8s_pod_labels: { team: 'shop*' } },
          { open_ports: 8443 },
        ],
        exclude_instrument: [{ k8s_pod_annotations: { watch: 'no' } }],
      },
      attributes: {
        kubernetes: {
          enable: true,
          kubeconfig_path: '/etc/weir/kubeconfig',
          cluster_name: 'us-2',
          resource_labels: { 'service.name': ['app'] },
        },
      },
    })
  })

  test('is told by its shape', () => {
    const shapes = [OBI_YAML, 'open_port: 80', 'receivers: {}\nopen_port: 80', 'a: 1', '']
    const found = shapes.map((yaml) => isObiConfig(parseYaml(yaml, 'x').node))
    assert.deepEqual(found, [true, true, false, false, false])
  })

  test('is translated', () => {
    const { plain } = overlay({}, OBI_YAML)
    assert.deepEqual(plain.receivers?.ebpf, {
      sampler: { name: 'traceidratio', arg: 0.5 },
      discovery: {
        instrument: [
          {
            exe_path: '*/cart',
            name: '$$cart',
            sampler: { name: 'traceidratio', arg: 0.25 },
          },
        ],
      },
      routes: { unmatched: 'heuristic', patterns: ['/users/{id}'] },
    })
    const traces_endpoint = 'http://b:4318/v1/traces'
    const prometheus = { endpoint: '0.0.0.0:9090' }
    assert.deepEqual(plain.exporters, { prometheus, otlp_http: { traces_endpoint } })
    const metrics = { receivers: ['ebpf'], exporters: ['prometheus'] }
    assert.deepEqual(plain.service?.pipelines, { metrics, traces: toOtlp })
    assert.deepEqual(plain.service?.telemetry, { logs: { level: 'debug' } })
  })

  test('keeps its places, and variables come over it', () => {
    const { node } = defaultOverlay(
      { OTEL_TRACES_SAMPLER: 'always_on' },
      parseYaml(OBI_YAML, 'obi.yaml').node,
    )
    const at = (...path: string[]) =>
      path.reduce((one, key) => {
        assert.ok(one && isMap(one.value))
        return one.value.get(key)?.node
      }, node)
    assert.equal(at('receivers', 'ebpf', 'sampler', 'name')?.value, 'always_on')
    assert.deepEqual(at('receivers', 'ebpf', 'routes', 'unmatched')?.origin.line, 11)
  })

  test('what means nothing here is warned about with its place', () => {
    const { issues } = overlay({}, OBI_YAML)
    assert.deepEqual(issues.sort(), [
      'obi.yaml:20:10: warning: rooutes: has no effect: weir knows no such option of OBI',
      'obi.yaml:9:18: warning: discovery::poll_interval: has no effect: the kernel tells weir of every process and port at once',
    ])
  })
})
