/** Writes docs/telemetry.md from the table of weir's own metrics. `--check` only says whether it is what the table gives. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SelfMetric } from '../pipeline/telemetry/self_metric.ts'
import { SELF_METRICS } from '../pipeline/telemetry/self_metrics.ts'
import { WEIR_SCOPE } from '../pipeline/telemetry/weir_metrics.ts'
import { ALL_REASONS } from '../receivers/ebpf/counters.ts'

const FILE = join(import.meta.dirname, '../../docs/telemetry.md')

const INTRODUCTION = `# weir's own telemetry

Generated from \`pipeline/telemetry/self_metrics.ts\` and the reasons of \`receivers/ebpf\` by \`npm run gen\`; do not edit.

weir shows its own metrics at \`http://localhost:8888/metrics\`, as the OpenTelemetry Collector does, and sends them by OTLP where
\`service::telemetry::metrics::readers\` has a \`periodic\` one. \`level\` decides how much: \`none\` opens no port, then \`basic\`, \`normal\` (if
nothing is said) and \`detailed\`. Names are as they stand here; a reader with \`without_type_suffix: false\` and
\`without_units: false\` adds \`_total\`, \`_bytes\` and \`_seconds\`. Dots in labels become underscores. On each series of the default reader
stand \`service_name\`, \`service_version\` and \`service_instance_id\`; \`target_info\` has all of \`service::telemetry::resource\`.

The SDK that reads the counters is loaded at the first scrape, so an agent that nobody scrapes does without it.
`

const LEVELS = { basic: 0, normal: 1, detailed: 2 } as const

function table(metrics: readonly SelfMetric[]): string {
  const rows = [...metrics]
    .sort((a, b) => LEVELS[a.level] - LEVELS[b.level])
    .map(({ name, kind, unit, level, labels, detailedLabels = [], about }) => {
      const type = kind === 'up_down_counter' ? 'gauge' : kind
      const names = labels
        .map((label) => `\`${label}\`${detailedLabels.includes(label) ? ' (detailed)' : ''}`)
        .join(', ')
      return `| \`${name}\` | ${type} | ${unit} | ${level} | ${names} | ${about} |\n`
    })
  return `| metric | type | unit | level | labels | |\n|---|---|---|---|---|---|\n${rows.join('')}`
}

const KINDS = {
  lost: 'weir_receiver_dropped_items',
  skipped: 'weir_receiver_skipped_items',
  note: 'weir_receiver_notes',
} as const

function reasons(): string {
  const rows = Object.entries(ALL_REASONS)
    .sort(([, a], [, b]) => a.number - b.number)
    .map(
      ([name, { number, kind, text, fix }]) =>
        `| \`${name}\` | ${number} | \`${KINDS[kind]}\` | ${text} | ${fix} |\n`,
    )
  return `| reason | number | metric | what happened | what to do |\n|---|---|---|---|---|\n${rows.join('')}`
}

const ofWeir = ({ scope }: SelfMetric): boolean => scope === WEIR_SCOPE

const text = [
  INTRODUCTION,
  "## The Collector's metrics\n",
  table(SELF_METRICS.filter((metric) => !ofWeir(metric))),
  "## weir's metrics\n",
  table(SELF_METRICS.filter(ofWeir)),
  '## Reasons of `ebpf`\n',
  reasons(),
].join('\n')

if (process.argv.includes('--check')) {
  if (readFileSync(FILE, 'utf8') !== text) {
    process.stderr.write('docs/telemetry.md is not what the table gives: npm run gen\n')
    process.exitCode = 1
  }
} else {
  writeFileSync(FILE, text)
}
