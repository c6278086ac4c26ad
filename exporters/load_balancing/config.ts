import {
  anything,
  bool,
  duration,
  type Infer,
  int,
  list,
  object,
  optional,
  text,
} from '../../config/fields.ts'
import { timeoutField } from '../../pipeline/exporter_helper.ts'
import { otlpGrpcFields } from '../../pipeline/otlp_grpc/config.ts'
import { queueFieldsOff } from '../../pipeline/queue.ts'
import { retryFieldsOff } from '../../pipeline/retry.ts'
import { ringKindOf } from './ring.ts'

const MAX_PORT = 65_535

const portFault = (port: unknown) =>
  !/^\d{0,5}$/.test(String(port)) || Number(port) > MAX_PORT
    ? `invalid port ${JSON.stringify(port)}`
    : false

/** `name`, `name.namespace`, or that and the rest of a full name: `.svc.cluster.local`. */
function serviceFault(service: string): string | undefined {
  const [name, namespace, svc, ...domain] = service.split('.')
  if (name === '') return 'no service specified to resolve the backends'
  if (svc === undefined) return undefined
  if (namespace === '') return `namespace segment missing in "${service}"`
  if (svc !== 'svc') return `expected third DNS label to be 'svc' in "${service}"`
  return domain.length === 0 ? `missing cluster domain in "${service}"` : undefined
}

const resolver = object({
  static: optional(
    object({
      hostnames: list(text().nonEmpty())
        .describe('host or host:port; without a port 4317.')
        .check((found) => found.length === 0 && 'no hostnames specified to resolve the backends'),
    }),
  ).describe('A fixed list.'),
  dns: optional(
    object({
      hostname: text().default('').describe('A name whose addresses are the backends.'),
      port: anything().default('').check(portFault).describe('Of all of them; 4317 if empty.'),
      interval: duration().min(0).default(5000).describe('How often it is asked; 0 is 5s.'),
      timeout: duration().min(0).default(1000).describe('Longest wait for an answer; 0 is 1s.'),
    }).check(({ hostname }) => hostname === '' && 'no hostname specified to resolve the backends'),
  ).describe('All addresses of a name.'),
  k8s: optional(
    object({
      service: text().default('').describe('name.namespace; without one, that of this pod.'),
      ports: list(int().min(1).max(MAX_PORT)).default([4317]).describe('Of each of its pods.'),
      timeout: duration().min(0).default(60_000).describe('After which a watch begins anew.'),
      return_hostnames: bool()
        .default(false)
        .describe('Whether pods are called by name, as those of a StatefulSet can be.'),
    }).check(({ service }) => serviceFault(service)),
  ).describe('All pods of a service, by EndpointSlices.'),
})
  .check((found) => count(found) === 0 && 'no resolvers specified for the exporter')
  .check((found) => count(found) > 1 && 'only one resolver should be specified')

const count = (resolvers: Readonly<Record<string, unknown>>): number =>
  Object.values(resolvers).filter((one) => one !== undefined).length

const KEYS = ['', 'traceID', 'service', 'resource', 'metric', 'streamID', 'attributes']

export const schema = object({
  resolver: resolver.describe('Who the backends are: one of static, dns and k8s.'),
  routing_key: text()
    .default('')
    .describe(
      'What goes to the same backend: traceID (of traces, if empty), service (of metrics and logs, if empty), resource, metric, streamID or attributes.',
    )
    .check((found) => !KEYS.includes(found) && `unsupported routing_key: ${JSON.stringify(found)}`),
  routing_attributes: list(text()).describe(
    'For attributes: of the resource, the scope or the item; span.name, span.kind, log.severity and log.body, too.',
  ),
  ring_positions: int()
    .default(131_071)
    .check(
      (found) =>
        ringKindOf(found) === undefined && `ring_positions must be 131071 or 36000, got ${found}`,
    )
    .describe(
      'Places of the ring. Collectors since 0.157 have 131071, earlier ones 36000: all that send to the same backends need the same.',
    ),
  protocol: object({
    otlp: otlpGrpcFields.describe('As of otlp_grpc; the endpoint is that of the backend.'),
  }).describe('How backends are spoken to.'),
  timeout: timeoutField(0),
  sending_queue: queueFieldsOff,
  retry_on_failure: retryFieldsOff,
})
  .check(
    ({ routing_key: key, routing_attributes: attributes }) =>
      key === 'attributes' &&
      attributes.length === 0 &&
      'routing_attributes must be specified for routing_key "attributes"',
  )
  .check(
    ({ routing_key: key, routing_attributes: attributes }) =>
      key !== 'attributes' &&
      attributes.length > 0 &&
      `routing_attributes can only be used when routing_key is "attributes"; got "${key}"`,
  )

export type LoadBalancingConfig = Infer<typeof schema>
