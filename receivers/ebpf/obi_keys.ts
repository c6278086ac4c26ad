import { object } from '../../config/fields.ts'
import type { Infer } from '../../config/schema.ts'
import type { Logger } from '../../pipeline/component.ts'
import { warnUnused } from '../../pipeline/net/unused.ts'
import type { Ports } from './discovery/ports.ts'
import type { SelectionRules } from './discovery/selection.ts'
import { portsField } from './discovery/selector_fields.ts'
import { kubernetesFields, UNUSED_KUBERNETES } from './kubernetes/fields.ts'
import { unusedFields } from './unused_fields.ts'

/** What configurations of the `obi` receiver hold that is no matter of this one. */
const UNUSED = {
  ebpf: 'see capture, rings and drain',
  otel_traces_export: 'exporters are those of the pipeline',
  otel_metrics_export: 'exporters are those of the pipeline',
  prometheus_export: 'exporters are those of the pipeline',
  internal_metrics: 'see service::telemetry::metrics',
  network: 'there are no network flows',
  nodejs: 'no agent is put into processes',
  javaagent: 'no agent is put into processes',
  trace_printer: 'see the debug and console exporters',
  log_level: 'see service::telemetry::logs',
  profile_port: 'see the pprof extension',
  shutdown_timeout: 'weir stops within 5 seconds',
  enforce_sys_caps: 'weir ends if it lacks what it needs',
} as const

/** Of its section `attributes`. */
const UNUSED_ATTRIBUTES = {
  select: 'attributes go by the attributes processor',
  extra_group_attributes: 'attributes go by the attributes processor',
  instance_id: 'service.instance.id is host and process, or the container of a pod',
  host_id: 'host.id is the machine id; resource_detection knows those of clouds',
  metadata_retry: 'resource_detection asks clouds',
  metric_span_names_limit: 'see routes::max_names',
  rename_unresolved_hosts: 'names of hosts are those that requests have',
  rename_unresolved_hosts_outgoing: 'names of hosts are those that requests have',
  rename_unresolved_hosts_incoming: 'names of hosts are those that requests have',
  drop_metric_unresolved_ips: 'names of hosts are those that requests have',
  sensitive_query_params: 'see http::sensitive_query_parameters',
} as const

const attributesFields = object({
  kubernetes: kubernetesFields.describe('What Kubernetes is asked about pods.'),
}).extend(unusedFields(UNUSED_ATTRIBUTES))

/** Keys of OBI's own receiver, so that its configurations load. */
export const obiFields = {
  open_port: portsField().describe(
    "OBI's shortcut: as an entry of discovery::instrument with these open_ports.",
  ),
  attributes: attributesFields.describe('What is known of processes besides themselves.'),
  ...unusedFields(UNUSED),
}

/** One line of the log for keys of OBI that do nothing here. */
export const warnObiKeys = (
  log: Logger,
  config: Readonly<Record<string, unknown>> & { readonly attributes: Attributes },
  { poll_interval }: { readonly poll_interval: number },
): void => {
  const { attributes } = config
  const { kubernetes } = attributes
  warnUnused(log, {
    ...unusedOf(UNUSED, config),
    ...unusedOf(UNUSED_ATTRIBUTES, attributes, 'attributes::'),
    ...unusedOf(UNUSED_KUBERNETES, kubernetes, 'attributes::kubernetes::'),
    'discovery::poll_interval': poll_interval,
  })
}

type Attributes = Infer<typeof attributesFields>

const unusedOf = (keys: object, section: Readonly<Record<string, unknown>>, above = '') =>
  Object.fromEntries(Object.keys(keys).map((key) => [above + key, section[key]]))

/** The shortcut selects beside what `instrument` selects. */
export const withOpenPort = (
  rules: SelectionRules,
  openPorts: Ports | undefined,
): SelectionRules =>
  openPorts === undefined
    ? rules
    : { ...rules, instrument: [...rules.instrument, { openPorts, rule: 'open_port' }] }
