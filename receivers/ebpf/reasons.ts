/**
 * - `lost`: an exchange was seen and gave no span.
 * - `skipped`: an exchange gave no span because a rule says so.
 * - `note`: no exchange was lost by it alone; it explains something.
 */
export type ReasonKind = 'lost' | 'skipped' | 'note'

export interface Reason {
  /** Stable for ever: what documentation and support refer to. */
  readonly number: number
  readonly kind: ReasonKind
  readonly text: string
  /** What the operator can do; '' when nothing has to be done. */
  readonly fix: string
}

const reason = (number: number, kind: ReasonKind, text: string, fix = ''): Reason => ({
  number,
  kind,
  text,
  fix,
})

/**
 * Every place of the receiver that drops, skips or gives up. A protocol adds its own lines: 1xx the receiver,
 * 2xx processes and probes, 3xx HTTP/1, 5xx all that are read as chunks, 6xx Redis, 7xx PostgreSQL,
 * 8xx Kafka, 11xx MySQL, 12xx MongoDB, 13xx memcached, 14xx AMQP, 15xx NATS, 16xx MQTT, 19xx DNS, 20xx HTTP/2.
 */
export const REASONS = {
  record_lost: reason(102, 'note', "a hole in a connection's record numbers"),
  record_invalid: reason(
    103,
    'note',
    'a record from the kernel that makes no sense',
    'report a bug',
  ),
  connection_evicted: reason(
    104,
    'note',
    'the table of connections was full and let the oldest idle one go',
    'raise receivers::ebpf::connections::max',
  ),
  not_selected: reason(
    105,
    'skipped',
    'the process is not selected, and the kernel did not know that yet',
  ),
  own_traffic: reason(106, 'skipped', 'the exchange is between weir and somebody'),
  otlp_export: reason(107, 'skipped', 'the exchange is an OTLP export: no trace about telemetry'),
  refused: reason(
    108,
    'lost',
    'the pipeline refused the span and the retry buffer was full',
    'look at the exporter: it is slow, or its backend is',
  ),
  rejected: reason(
    109,
    'lost',
    'the pipeline failed on the span',
    'look at the log of the exporter',
  ),
  tls_ciphertext: reason(
    110,
    'note',
    'a TCP connection that carries TLS, when it is first seen: its ciphertext is not looked at',
  ),
  protocol_unknown: reason(111, 'note', 'a connection that speaks no protocol weir knows'),
  paired_in_kernel: reason(
    112,
    'note',
    'an exchange came as one record, its request and response paired in the kernel',
  ),
  ring_record: reason(113, 'note', 'a record of a connection came through a ring'),
  tls_unread: reason(
    114,
    'note',
    'a TCP connection that carried TLS has ended, and no library showed its plaintext: it was measured as a whole',
    '`weir explain` names the library of each process, and why it is not read',
  ),
  route_ignored: reason(120, 'skipped', 'the path is one of routes::ignored_patterns'),
  proxy_header: reason(122, 'note', 'a connection that began with a header of the PROXY protocol'),
  metrics_only: reason(
    121,
    'skipped',
    'the exchange was measured, and no traces pipeline or entry of instrument wants a span of it',
  ),
  not_measured: reason(
    123,
    'note',
    'the exchange is in no metric: its process is not selected, or its entry of instrument wants none',
  ),
  process_unknown: reason(
    201,
    'note',
    'a process that ended before anything was known of it: selected only where the rules ask for no more than its id',
  ),
  process_table_full: reason(202, 'note', 'the table of processes was full and let the oldest go'),
  probe_not_attached: reason(
    203,
    'note',
    'a library could not be probed',
    'see the log line that names it',
  ),
  probes_withdrawn: reason(
    204,
    'note',
    'a program crashed within 10 s of its first probe, and is not probed any more',
    'see the log line that names it; restart weir to probe it again',
  ),
  ended_unread: reason(
    205,
    'note',
    'a program whose file was new had ended before it was inspected: what it encrypted was not read',
    'none: `weir explain` names it, and its next run is read',
  ),
  finding_corrupt: reason(
    206,
    'note',
    'what was found in a file at an earlier start is damaged: it was thrown away, and the file inspected again',
    'look after the disk below /var/lib/weir',
  ),
  probes_over_rate: reason(
    207,
    'note',
    'probes in the files of a process were hit more often than probes::max_rate for 3 s, and were taken out',
    'see the log line that names it; raise receivers::ebpf::probes::max_rate, and restart weir to probe it again',
  ),
  pod_awaited: reason(
    208,
    'note',
    'a selector asks for more of the pod of a process than Kubernetes has told yet: its spans and metrics wait',
  ),
  pod_unknown: reason(
    209,
    'note',
    'Kubernetes did not tell of the pod of a process in time: selectors that ask for it did not match',
    'see the log, and `weir doctor`; attributes::kubernetes::informers_sync_timeout is how long it is waited',
  ),
  pod_wait_full: reason(
    210,
    'lost',
    'too much waited for pods that are not known yet',
    'see the log, and `weir doctor`: does Kubernetes answer?',
  ),
} as const satisfies Record<string, Reason>

export type ReasonName = keyof typeof REASONS
