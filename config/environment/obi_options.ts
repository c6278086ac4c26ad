/** An option of OBI (Beyla has the same) that means something here, or does not. */
export interface ObiOption {
  /** Its place in OBI's YAML, with dots. */
  readonly path: string
  /** Its variable, without `OTEL_EBPF_`; absent if it is set in YAML alone. */
  readonly env?: string
  /** Where weir has it; or what it does instead, said by default_overlay.ts; or why it has no effect. */
  readonly to: readonly string[] | 'elsewhere' | { readonly none: string }
}

const none = (reason: string) => ({ none: reason })
const EBPF = ['receivers', 'ebpf']
const METRICS = [...EBPF, 'metrics']
const BATCH = ['processors', 'batch']

const KERNEL_TELLS = none('the kernel tells weir of every process and port at once')
const RINGS = none('weir drains its rings by a timer: receivers::ebpf::drain')
/** Options of `attributes.kubernetes`: weir has them by the same names, with the same values. */
const KUBERNETES_OPTIONS = (
  [
    ['enable', 'KUBE_METADATA_ENABLE'],
    ['kubeconfig_path'],
    ['cluster_name', 'KUBE_CLUSTER_NAME'],
    ['informers_sync_timeout', 'KUBE_INFORMERS_SYNC_TIMEOUT'],
    ['informers_resync_period', 'KUBE_INFORMERS_RESYNC_PERIOD'],
    ['resource_labels'],
    ['disable_informers', 'KUBE_DISABLE_INFORMERS'],
    ['drop_external', 'NETWORK_DROP_EXTERNAL'],
    ['meta_cache_address', 'KUBE_META_CACHE_ADDRESS'],
    ['meta_restrict_local_node', 'KUBE_META_RESTRICT_LOCAL_NODE'],
    ['reconnect_initial_interval', 'KUBE_RECONNECT_INITIAL_INTERVAL'],
    ['service_name_template', 'SERVICE_NAME_TEMPLATE'],
  ] as const
).map(
  ([key, env]): ObiOption => ({
    path: `attributes.kubernetes.${key}`,
    ...(env && { env }),
    to: [...EBPF, 'attributes', 'kubernetes', key],
  }),
)

const NO_AGENTS = none('weir puts no agent into processes')
const BY_CAPTURE = none('what is captured of a message is receivers::ebpf::capture')
const NO_NETWORK = none('weir has no network flows')

/** Source: the options of OBI 0.12 and Beyla 3.33. */
export const OBI_OPTIONS: readonly ObiOption[] = [
  { path: 'open_port', env: 'OPEN_PORT', to: 'elsewhere' },
  { path: 'auto_target_exe', env: 'AUTO_TARGET_EXE', to: 'elsewhere' },
  { path: 'auto_target_language', env: 'AUTO_TARGET_LANGUAGE', to: 'elsewhere' },
  { path: 'target_pids', env: 'TARGET_PID', to: 'elsewhere' },
  { path: 'service_name', env: 'SERVICE_NAME', to: 'elsewhere' },
  { path: 'service_namespace', env: 'SERVICE_NAMESPACE', to: 'elsewhere' },
  { path: 'trace_printer', env: 'TRACE_PRINTER', to: 'elsewhere' },
  { path: 'log_level', env: 'LOG_LEVEL', to: 'elsewhere' },
  { path: 'otel_traces_export.endpoint', to: 'elsewhere' },
  { path: 'otel_traces_export.protocol', to: 'elsewhere' },
  { path: 'otel_traces_export.sampler.name', to: [...EBPF, 'sampler', 'name'] },
  { path: 'otel_traces_export.sampler.arg', to: 'elsewhere' },
  {
    path: 'otel_traces_export.batch_max_size',
    env: 'OTLP_TRACES_BATCH_MAX_SIZE',
    to: [...BATCH, 'send_batch_max_size'],
  },
  {
    path: 'otel_traces_export.batch_timeout',
    env: 'OTLP_TRACES_BATCH_TIMEOUT',
    to: [...BATCH, 'timeout'],
  },
  {
    path: 'otel_traces_export.queue_size',
    env: 'OTLP_TRACES_QUEUE_SIZE',
    to: 'elsewhere',
  },
  { path: 'otel_traces_export.insecure_skip_verify', env: 'INSECURE_SKIP_VERIFY', to: 'elsewhere' },
  {
    path: 'otel_traces_export.instrumentations',
    env: 'TRACES_INSTRUMENTATIONS',
    to: none('every protocol that weir knows makes spans; DNS by receivers::ebpf::dns::spans'),
  },
  { path: 'discovery.instrument', to: [...EBPF, 'discovery', 'instrument'] },
  { path: 'discovery.exclude_instrument', to: [...EBPF, 'discovery', 'exclude_instrument'] },
  {
    path: 'discovery.default_exclude_instrument',
    to: [...EBPF, 'discovery', 'default_exclude_instrument'],
  },
  {
    path: 'discovery.exclude_otel_instrumented_services',
    env: 'EXCLUDE_OTEL_INSTRUMENTED_SERVICES',
    to: [...EBPF, 'discovery', 'exclude_otel_instrumented_services'],
  },
  {
    path: 'discovery.services',
    to: [...EBPF, 'discovery', 'services'],
  },
  {
    path: 'discovery.exclude_services',
    to: [...EBPF, 'discovery', 'exclude_services'],
  },
  { path: 'discovery.min_process_age', env: 'MIN_PROCESS_AGE', to: KERNEL_TELLS },
  { path: 'discovery.poll_interval', env: 'DISCOVERY_POLL_INTERVAL', to: KERNEL_TELLS },
  { path: 'discovery.bpf_pid_filter_off', env: 'BPF_PID_FILTER_OFF', to: KERNEL_TELLS },
  {
    path: 'discovery.skip_go_specific_tracers',
    env: 'SKIP_GO_SPECIFIC_TRACERS',
    to: none('leave `go` out of receivers::ebpf::sources'),
  },
  {
    path: 'discovery.route_harvester_timeout',
    env: 'ROUTE_HARVESTER_TIMEOUT',
    to: none('routes are learned from requests'),
  },
  { path: 'routes.patterns', to: [...EBPF, 'routes', 'patterns'] },
  { path: 'routes.ignored_patterns', to: [...EBPF, 'routes', 'ignored_patterns'] },
  { path: 'routes.ignore_mode', to: [...EBPF, 'routes', 'ignore_mode'] },
  { path: 'routes.unmatched', to: [...EBPF, 'routes', 'unmatched'] },
  { path: 'routes.wildcard_char', to: [...EBPF, 'routes', 'wildcard_char'] },
  {
    path: 'ebpf.context_propagation',
    env: 'BPF_CONTEXT_PROPAGATION',
    to: none('weir puts no headers into requests; it takes those that are there'),
  },
  {
    path: 'ebpf.track_request_headers',
    env: 'BPF_TRACK_REQUEST_HEADERS',
    to: none(
      'the traceparent of a request is always looked at; spans show receivers::ebpf::http::request_headers',
    ),
  },
  { path: 'ebpf.wakeup_len', env: 'BPF_WAKEUP_LEN', to: RINGS },
  { path: 'ebpf.batch_length', env: 'BPF_BATCH_LENGTH', to: RINGS },
  { path: 'ebpf.batch_timeout', env: 'BPF_BATCH_TIMEOUT', to: RINGS },
  { path: 'ebpf.high_request_volume', env: 'BPF_HIGH_REQUEST_VOLUME', to: RINGS },
  {
    path: 'ebpf.dns_request_timeout',
    env: 'BPF_DNS_REQUEST_TIMEOUT',
    to: [...EBPF, 'dns', 'timeout'],
  },
  { path: 'ebpf.buffer_sizes', to: BY_CAPTURE },
  { path: 'ebpf.bpf_debug', env: 'BPF_DEBUG', to: none('see `weir doctor`') },
  {
    path: 'ebpf.bpf_fs_path',
    env: 'BPF_FS_PATH',
    to: none('weir pins nothing'),
  },
  ...KUBERNETES_OPTIONS,
  {
    path: 'attributes.select',
    to: none('leave attributes out by the attributes processor'),
  },
  { path: 'metrics.features', env: 'METRICS_FEATURES', to: 'elsewhere' },
  { path: 'otel_metrics_export.endpoint', to: 'elsewhere' },
  { path: 'otel_metrics_export.protocol', to: 'elsewhere' },
  { path: 'otel_metrics_export.insecure_skip_verify', to: 'elsewhere' },
  {
    path: 'otel_metrics_export.interval',
    env: 'METRICS_INTERVAL',
    to: [...METRICS, 'interval'],
  },
  { path: 'otel_metrics_export.ttl', env: 'METRICS_TTL', to: [...METRICS, 'ttl'] },
  {
    path: 'otel_metrics_export.histogram_aggregation',
    to: [...METRICS, 'histogram_aggregation'],
  },
  {
    path: 'otel_metrics_export.buckets.duration_histogram',
    to: [...METRICS, 'buckets', 'duration_histogram'],
  },
  {
    path: 'otel_metrics_export.buckets.request_size_histogram',
    to: [...METRICS, 'buckets', 'request_size_histogram'],
  },
  {
    path: 'otel_metrics_export.buckets.response_size_histogram',
    to: [...METRICS, 'buckets', 'response_size_histogram'],
  },
  {
    path: 'otel_metrics_export.instrumentations',
    env: 'METRICS_INSTRUMENTATIONS',
    to: none('every protocol that weir knows is measured'),
  },
  { path: 'prometheus_export.port', env: 'PROMETHEUS_PORT', to: 'elsewhere' },
  {
    path: 'prometheus_export.path',
    env: 'PROMETHEUS_PATH',
    to: none('metrics are shown on /metrics'),
  },
  {
    path: 'internal_metrics',
    to: none("weir's own metrics are set in service::telemetry::metrics"),
  },
  { path: 'network', to: NO_NETWORK },
  { path: 'network.enable', env: 'NETWORK_METRICS', to: NO_NETWORK },
  { path: 'nodejs', to: NO_AGENTS },
  { path: 'nodejs.enabled', env: 'NODEJS_ENABLED', to: NO_AGENTS },
  { path: 'javaagent', to: NO_AGENTS },
  { path: 'javaagent.enabled', env: 'JAVAAGENT_ENABLED', to: NO_AGENTS },
  {
    path: 'enforce_sys_caps',
    env: 'ENFORCE_SYS_CAPS',
    to: none('weir ends if it lacks what its receiver needs, and says so'),
  },
  {
    path: 'shutdown_timeout',
    env: 'SHUTDOWN_TIMEOUT',
    to: none('weir stops within 5 seconds'),
  },
  { path: 'profile_port', env: 'PROFILE_PORT', to: none('weir has no port for profiles') },
  { path: 'log_config', env: 'LOG_CONFIG', to: none('see `weir print-config --origins`') },
]
