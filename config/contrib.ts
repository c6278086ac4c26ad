import type { Kind } from './registry.ts'

/** What the Collector's contrib distribution has, old and new spellings being one without underscores. */
const CONTRIB: Readonly<Record<Kind, string>> = {
  receiver: `active_directory_ds aerospike apache apachespark awscloudwatch awscontainerinsightreceiver awsecscontainermetrics
    awsfirehose awslambda awss3 awsxray azure_blob azure_event_hub azure_monitor bigip carbon chrony ciscoos cloudflare
    cloud_foundry collectd couchdb datadog docker_stats elasticsearch envoyals expvar faro file_log file_stats filelog flinkmetrics
    fluent_forward github gitlab googlecloudmonitoring googlecloudpubsub googlecloudspanner haproxy host_metrics httpcheck
    huaweicloudces icmpcheck iis influxdb jaeger jmx journald k8s_cluster k8s_events k8s_objects kafka kafka_metrics
    kubelet_stats libhoney loki memcached mongodb mongodbatlas mysql named_pipe netflow nginx nop ntp nsxt opencensus oracledb
    osquery otelarrow otlp otlp_json_file podman_stats postgresql pprof prometheus prometheus_remote_write pulsar purefa
    purefb rabbitmq receiver_creator redfish redis remotetap riak saphana signalfx simpleprometheus skywalking snmp snowflake solace
    splunk_hec splunkenterprise sqlquery sqlserver sshcheck statsd stef syslog systemd tcp_check tcplog tlscheck udplog
    vcenter vcr wavefront webhookevent windows_event_log windowsperfcounters windowsservice yanggrpc zipkin zookeeper`,
  processor: `attributes batch coralogix cumulative_to_delta delta_to_cumulative delta_to_rate dns_lookup experimental_metricsgeneration filter
    geoip group_by_attrs group_by_trace interval isolation_forest k8s_attributes log_dedup logs_transform memory_limiter
    metrics_generation metric_start_time metrics_transform probabilistic_sampler redaction remotetap resource resource_detection
    routing schema span sumologic tail_sampling transform unroll`,
  exporter: `alertmanager alibabacloud_logservice awscloudwatchlogs awsemf awskinesis awss3 awsxray azureblob azuredataexplorer
    azuremonitor bmchelix carbon cassandra clickhouse coralogix datadog debug doris elasticsearch faro file googlecloud
    googlecloudpubsub googlecloudstorage googlemanagedprometheus honeycombmarker influxdb kafka load_balancing logicmonitor logzio
    loki mezmo nop opencensus opensearch otelarrow otlp otlp_grpc otlp_http prometheus prometheus_remote_write pulsar rabbitmq
    sapm sematext sentry signalfx splunk_hec stef sumologic syslog tencentcloud_logservice tinybird wavefront zipkin`,
  connector: `count datadog exceptions failover forward grafanacloud metrics_as_attributes otlp_json round_robin routing service_graph
    signal_to_metrics slow_sql span_metrics sum`,
  extension: `ack asapclient avro_log_encoding aws_logs_encoding awsproxy azure_auth azure_encoding basicauth bearertokenauth
    cfgarden cgroup_runtime db_storage docker_observer ecs_observer ecs_task_observer file_storage google_cloud_logentry_encoding
    googleclientauth headers_setter health_check healthcheckv2 host_observer http_forwarder jaeger_encoding jaegerremotesampling
    json_log_encoding k8s_leader_elector k8s_observer kafkatopics_observer memory_limiter oauth2client oidc opamp otlp_encoding
    pprof redis_storage remotetap sigv4auth skywalking_encoding solarwindsapmsettings sumologic text_encoding zipkin_encoding zpages`,
}

const bare = (type: string): string => type.replaceAll('_', '')

/** Whether the contrib distribution has a component of this type, in either spelling. */
export function isContrib(kind: Kind, type: string): boolean {
  return CONTRIB[kind].split(/\s+/).some((name) => bare(name) === bare(type))
}

/** Says of a type that weir has not that it is no mistake of spelling. */
export function contribHint(kind: Kind, type: string): string | undefined {
  if (!isContrib(kind, type)) return undefined
  return `: the Collector has this ${kind}, weir has not yet; --skip-unsupported leaves it out`
}
