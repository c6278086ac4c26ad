import { isDeepStrictEqual } from 'node:util'
import type { Infer } from '../../config/fields.ts'
import { bool, duration, enumOf, int, list, object, size, text } from '../../config/fields.ts'
import { type Context, defineReceiver } from '../../pipeline/component.ts'
import { discoveryFields, rulesOf } from './discovery/fields.ts'
import { Selection, type SelectionRules } from './discovery/selection.ts'
import type { KubernetesConfig } from './kubernetes/fields.ts'
import { asksKubernetes } from './kubernetes/pods.ts'
import { metricsFields, metricsRulesOf } from './metrics/fields.ts'
import { obiFields, warnObiKeys, withOpenPort } from './obi_keys.ts'
import { type EbpfOptions, PLAINTEXT_SOURCES } from './options.ts'
import { Lookups } from './protocols/dns/lookups.ts'
import { redactor, SENSITIVE_QUERY_PARAMETERS } from './protocols/http1/redact.ts'
import { someShown } from './protocols/http1/shown_headers.ts'
import { openStreams } from './protocols/table.ts'
import { EbpfReceiver } from './receiver.ts'
import { routeRulesOf, routesFields } from './routes/fields.ts'
import { HOOK_FAMILIES } from './sources/tcp.ts'
import { samplerFields } from './trace_context/sampler_fields.ts'
import {
  parentBasedAlwaysOn,
  type Sample,
  samplerByName,
  samplerError,
} from './trace_context/sampling.ts'
import { version } from './version.ts'

const KIB = 1024
const MIB = 1024 * KIB

const capture = object({
  request_head: size()
    .min(64)
    .max(4 * KIB)
    .default(KIB)
    .describe('Bytes captured of a request; what is beyond, as a traceparent, is not known.'),
  response_head: size()
    .min(64)
    .max(4 * KIB)
    .default(256)
    .describe('Bytes captured of a response.'),
})
  .check(
    ({ request_head, response_head }) =>
      response_head > request_head && 'must not be above request_head',
    'response_head',
  )
  .describe('How many bytes of each message the kernel sends up.')

const rings = object({
  count: int()
    .min(1)
    .max(4)
    .default(4)
    .check((count) => count === 3 && 'found 3, allowed is 1, 2 or 4')
    .describe('Ring buffers between kernel and agent.'),
  size: size()
    .min(64 * KIB)
    .max(1024 * MIB)
    .default(8 * MIB)
    .describe('Of all rings together; each gets the largest power of two within its share.'),
}).describe('The way from the kernel to the agent.')

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

const headerNames = (of: string) =>
  list(text().check((name) => !HEADER_NAME.test(name) && 'expected the name of a header')).describe(
    `Headers of ${of} that spans of HTTP show, not those of gRPC, as far as they were captured; those that carry credentials and cookies as REDACTED. Exchanges then take the longer way through user space.`,
  )

const schema = object({
  hooks: enumOf(['auto', ...HOOK_FAMILIES])
    .default('auto')
    .describe('Way into the kernel; auto takes the best that loads and attaches.'),
  pairing: enumOf(['auto', 'user'])
    .default('auto')
    .describe(
      'Where requests and responses are paired: in the kernel where it can, or never there.',
    ),
  sources: list(enumOf(['tcp', ...PLAINTEXT_SOURCES]))
    .default(['tcp', ...PLAINTEXT_SOURCES])
    .check((sources) => !sources.includes('tcp') && 'tcp is needed: it knows the connections')
    .describe('Where bytes are read: TCP sockets, and plaintext at libssl and in Go programs.'),
  capture,
  discovery: discoveryFields.describe('Which processes are watched.'),
  http: object({
    sensitive_query_parameters: list(text().nonEmpty())
      .default([...SENSITIVE_QUERY_PARAMETERS])
      .describe('Keys of url.query whose values become REDACTED.'),
    trust_forwarded: bool()
      .default(false)
      .describe(
        'Take client.address from Forwarded, X-Forwarded-For and the PROXY protocol, which any client can send.',
      ),
    request_headers: headerNames('requests'),
    response_headers: headerNames('responses'),
  }).describe('What HTTP spans say.'),
  dns: object({
    spans: bool()
      .default(false)
      .describe('Whether lookups are spans, too; a metrics pipeline measures them in any case.'),
    ports: list(int().min(1).max(65_535))
      .default([53])
      .describe('Ports whose datagrams are read; none: DNS is read over TCP alone.'),
    timeout: duration()
      .min(100)
      .default(5000)
      .describe('So long after its last query a lookup without an answer has failed.'),
  }).describe('Lookups of names.'),
  socket: object({
    path: text()
      .nonEmpty()
      .default('/run/weir/weir.sock')
      .describe('Unix socket where `weir explain` finds the agent.'),
    group: text().default('').describe('Members of this group may ask, too; root always may.'),
  }).describe('Where the agent tells what it does.'),
  connections: object({
    max: int()
      .min(64)
      .max(1 << 20)
      .default(65_536)
      .describe('Connections followed at once; above it the least used go.'),
  }).describe('The table of connections in the kernel.'),
  probes: object({
    max_rate: int()
      .min(0)
      .max(1e9)
      .default(250_000)
      .describe(
        'Hits per second of one process above which, after 3 s, the probes in its files are taken out; 0 for no limit.',
      ),
  }).describe('What probes in libraries and programs may cost.'),
  sampler: samplerFields.describe(
    'Which spans are kept. Without a name OTEL_TRACES_SAMPLER says it, else `parentbased_always_on`.',
  ),
  routes: routesFields.describe('How paths become http.route and names of spans.'),
  metrics: metricsFields,
  rings,
  drain: object({
    busy_interval: duration()
      .min(1)
      .max(1000)
      .default(30)
      .describe(
        'Between drains while much comes or a response is awaited, unless more waits than one drain takes.',
      ),
    idle_interval: duration()
      .min(1)
      .max(1000)
      .default(50)
      .describe('Between drains while little or nothing comes.'),
  }).describe('How often the rings are read.'),
})
  .extend(obiFields)
  .check(
    ({ attributes, discovery }) =>
      attributes.kubernetes.enable === 'false' &&
      new Selection(rulesOf(discovery), 0).podNeeds.any &&
      'attributes::kubernetes::enable is false, but a selector asks for owners, labels or annotations of pods, which Kubernetes alone tells',
    'attributes::kubernetes::enable',
  )

type Config = Infer<typeof schema>

function optionsOf(config: Config): EbpfOptions {
  const { http, dns, capture, rings, drain } = config
  const sample = samplerOf(config.sampler)
  const lookups = new Lookups({ spans: dns.spans, timeoutNs: dns.timeout * 1e6, sample })
  const openStream = openStreams({
    lookups,
    http1: {
      redact: redactor(http.sensitive_query_parameters),
      trustForwarded: http.trust_forwarded,
      shown: someShown({
        request: http.request_headers.map((name) => name.toLowerCase()),
        response: http.response_headers.map((name) => name.toLowerCase()),
      }),
      sample,
    },
  })
  return {
    kernel: {
      pairInKernel: config.pairing === 'auto',
      requestHead: capture.request_head,
      responseHead: capture.response_head,
      connections: config.connections.max,
      rings: rings.count,
      ringBytes: rings.size,
    },
    hooks: config.hooks,
    plaintext: PLAINTEXT_SOURCES.filter((name) => config.sources.includes(name)),
    selection: selectionOf(config),
    openStream,
    dnsPorts: dns.ports,
    lookups,
    routes: routeRulesOf(config.routes),
    maxProbeRate: config.probes.max_rate,
    metrics: metricsRulesOf(config.metrics),
    kubernetes: config.attributes.kubernetes,
    socket: config.socket,
    busyIntervalMs: drain.busy_interval,
    idleIntervalMs: drain.idle_interval,
    version: version(),
  }
}

const selectionOf = (config: Config): Selection => new Selection(rulesOfConfig(config), process.pid)

/** What a configuration of this receiver selects, for who has no receiver. */
export const rulesOfConfig = (config: unknown): SelectionRules =>
  withOpenPort(rulesOf((config as Config).discovery), (config as Config).open_port)

/** What a configuration of this receiver asks of Kubernetes; undefined for nothing. */
export function asksOfConfig(config: unknown): KubernetesConfig | undefined {
  const { kubernetes } = (config as Config).attributes
  const needs = selectionOf(config as Config).podNeeds
  return asksKubernetes(kubernetes, needs) ? kubernetes : undefined
}

/** What other settings select, if nothing but what selects is other in them. */
function selectionIfAlone(running: Config, other: Config): Selection | undefined {
  const { discovery, open_port } = running
  const same = isDeepStrictEqual({ ...other, discovery, open_port }, running)
  return same ? selectionOf(other) : undefined
}

/** A name in OTEL_TRACES_SAMPLER that nobody knows is as none, as the specification has it. */
function samplerOf({ name, arg }: Config['sampler']): Sample {
  const env = process.env['OTEL_TRACES_SAMPLER'] ?? ''
  const named =
    name === ''
      ? samplerByName(env, process.env['OTEL_TRACES_SAMPLER_ARG'] ?? '')
      : samplerByName(name, String(arg))
  return named ?? parentBasedAlwaysOn
}

/** The receivers of one id are made from one and the same configuration object. */
const receivers = new WeakMap<Config, EbpfReceiver>()

function receiverOf(ctx: Context, config: Config): EbpfReceiver {
  const known = receivers.get(config)
  if (known !== undefined) return known
  warnObiKeys(ctx.log, config, config.discovery)
  const wrong = samplerError(process.env['OTEL_TRACES_SAMPLER'] ?? '')
  if (wrong && config.sampler.name === '') ctx.log.warn(`OTEL_TRACES_SAMPLER: ${wrong}`)
  const receiver = new EbpfReceiver(ctx, optionsOf(config), (other) => {
    const selection = selectionIfAlone(config, other as Config)
    if (selection !== undefined) receivers.set(other as Config, receiver)
    return selection
  })
  receivers.set(config, receiver)
  return receiver
}

/** Spans and metrics of every process of this host, seen from the kernel. */
export const ebpf = defineReceiver({
  type: 'ebpf',
  aliases: ['obi'],
  stability: { traces: 'alpha', metrics: 'alpha' },
  schema,
  create: {
    traces: (ctx, config, next) => receiverOf(ctx, config).part({ signal: 'traces', next }),
    metrics: (ctx, config, next) => receiverOf(ctx, config).part({ signal: 'metrics', next, ctx }),
  },
})
