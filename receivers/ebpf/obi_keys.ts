import { anything } from '../../config/fields.ts'
import type { Logger } from '../../pipeline/component.ts'
import { warnUnused } from '../../pipeline/net/unused.ts'
import type { Ports } from './discovery/ports.ts'
import type { SelectionRules } from './discovery/selection.ts'
import { portsField } from './discovery/selector_fields.ts'

/** What configurations of the `obi` receiver hold that is no matter of this one. */
const UNUSED = {
  attributes: 'no API server is asked, and attributes go by the attributes processor',
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

const unusedFields = Object.fromEntries(
  Object.entries(UNUSED).map(([key, reason]) => [
    key,
    anything().describe(`Of OBI, without effect: ${reason}.`).optional(),
  ]),
)

/** Keys of OBI's own receiver, so that its configurations load. */
export const obiFields = {
  open_port: portsField().describe(
    "OBI's shortcut: as an entry of discovery::instrument with these open_ports.",
  ),
  ...unusedFields,
}

/** One line of the log for keys of OBI that do nothing here. */
export const warnObiKeys = (
  log: Logger,
  config: Readonly<Record<string, unknown>>,
  { poll_interval }: { readonly poll_interval: number },
): void =>
  warnUnused(log, {
    ...Object.fromEntries(Object.keys(UNUSED).map((key) => [key, config[key]])),
    'discovery::poll_interval': poll_interval,
  })

/** The shortcut selects beside what `instrument` selects. */
export const withOpenPort = (
  rules: SelectionRules,
  openPorts: Ports | undefined,
): SelectionRules =>
  openPorts === undefined
    ? rules
    : { ...rules, instrument: [...rules.instrument, { openPorts, rule: 'open_port' }] }
