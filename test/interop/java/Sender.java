import static io.opentelemetry.api.common.AttributeKey.booleanKey;
import static io.opentelemetry.api.common.AttributeKey.doubleKey;
import static io.opentelemetry.api.common.AttributeKey.longArrayKey;
import static io.opentelemetry.api.common.AttributeKey.longKey;
import static io.opentelemetry.api.common.AttributeKey.stringArrayKey;
import static io.opentelemetry.api.common.AttributeKey.stringKey;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.Value;
import io.opentelemetry.api.logs.Severity;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.logs.OtlpHttpLogRecordExporter;
import io.opentelemetry.exporter.otlp.http.metrics.OtlpHttpMetricExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.logs.OtlpGrpcLogRecordExporter;
import io.opentelemetry.exporter.otlp.metrics.OtlpGrpcMetricExporter;
import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.logs.SdkLoggerProvider;
import io.opentelemetry.sdk.logs.export.LogRecordExporter;
import io.opentelemetry.sdk.logs.export.SimpleLogRecordProcessor;
import io.opentelemetry.sdk.metrics.Aggregation;
import io.opentelemetry.sdk.metrics.InstrumentSelector;
import io.opentelemetry.sdk.metrics.InstrumentType;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.View;
import io.opentelemetry.sdk.metrics.data.AggregationTemporality;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.export.CollectionRegistration;
import io.opentelemetry.sdk.metrics.export.MetricExporter;
import io.opentelemetry.sdk.metrics.export.MetricReader;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Sends one of everything that an SDK makes, twice: to OTEL_EXPORTER_OTLP_ENDPOINT, and to DIRECT_ENDPOINT over HTTP. */
final class Sender {
  static final Map<String, String> ENV = System.getenv();
  static final String ENDPOINT = ENV.get("OTEL_EXPORTER_OTLP_ENDPOINT");
  static final String DIRECT = ENV.get("DIRECT_ENDPOINT");
  static final boolean OVER_GRPC = ENV.get("OTEL_EXPORTER_OTLP_PROTOCOL").equals("grpc");
  static final String COMPRESSION = ENV.getOrDefault("OTEL_EXPORTER_OTLP_COMPRESSION", "none");
  static final Resource RESOURCE =
      Resource.getDefault()
          .toBuilder()
          .put("service.name", "interop-java")
          .put("host.cpu.count", 2)
          .build();

  static byte[] authority() throws Exception {
    String file = ENV.get("OTEL_EXPORTER_OTLP_CERTIFICATE");
    return file == null ? null : Files.readAllBytes(Path.of(file));
  }

  static void await(CompletableResultCode result) {
    if (!result.join(10, TimeUnit.SECONDS).isSuccess()) {
      throw new IllegalStateException("export ended with " + result.getFailureThrowable());
    }
  }

  static SpanExporter spanExporter() throws Exception {
    if (OVER_GRPC) {
      var builder = OtlpGrpcSpanExporter.builder().setEndpoint(ENDPOINT);
      if (authority() != null) builder.setTrustedCertificates(authority());
      return builder.setCompression(COMPRESSION).build();
    }
    var builder = OtlpHttpSpanExporter.builder().setEndpoint(ENDPOINT + "/v1/traces");
    if (authority() != null) builder.setTrustedCertificates(authority());
    return builder.setCompression(COMPRESSION).build();
  }

  static MetricExporter metricExporter() throws Exception {
    if (OVER_GRPC) {
      var builder = OtlpGrpcMetricExporter.builder().setEndpoint(ENDPOINT);
      if (authority() != null) builder.setTrustedCertificates(authority());
      return builder.setCompression(COMPRESSION).build();
    }
    var builder = OtlpHttpMetricExporter.builder().setEndpoint(ENDPOINT + "/v1/metrics");
    if (authority() != null) builder.setTrustedCertificates(authority());
    return builder.setCompression(COMPRESSION).build();
  }

  static LogRecordExporter logExporter() throws Exception {
    if (OVER_GRPC) {
      var builder = OtlpGrpcLogRecordExporter.builder().setEndpoint(ENDPOINT);
      if (authority() != null) builder.setTrustedCertificates(authority());
      return builder.setCompression(COMPRESSION).build();
    }
    var builder = OtlpHttpLogRecordExporter.builder().setEndpoint(ENDPOINT + "/v1/logs");
    if (authority() != null) builder.setTrustedCertificates(authority());
    return builder.setCompression(COMPRESSION).build();
  }

  static void sendSpans() throws Exception {
    var direct = OtlpHttpSpanExporter.builder().setEndpoint(DIRECT + "/v1/traces").build();
    var provider =
        SdkTracerProvider.builder()
            .setResource(RESOURCE)
            .addSpanProcessor(SimpleSpanProcessor.create(SpanExporter.composite(spanExporter(), direct)))
            .build();
    var tracer =
        provider
            .tracerBuilder("weir.test/java")
            .setInstrumentationVersion("1.2")
            .setSchemaUrl("https://schema")
            .build();
    Span parent =
        tracer
            .spanBuilder("GET /items")
            .setSpanKind(SpanKind.SERVER)
            .setAttribute("text", "grüße")
            .setAttribute("int", Long.MIN_VALUE)
            .setAttribute("bool", true)
            .setAttribute("double", 0.1)
            .setAttribute(stringArrayKey("list"), List.of("a", ""))
            .setAttribute(longArrayKey("ints"), List.of(1L, 1L << 60))
            .startSpan();
    parent.addEvent("cache miss", Attributes.of(stringKey("key"), "k"));
    Span child =
        tracer
            .spanBuilder("SELECT")
            .setSpanKind(SpanKind.CLIENT)
            .setParent(Context.root().with(parent))
            .addLink(parent.getSpanContext(), Attributes.of(longKey("n"), 1L))
            .startSpan();
    child.recordException(new IllegalStateException("no rows"));
    child.setStatus(StatusCode.ERROR, "no rows");
    child.end();
    parent.end();
    await(provider.shutdown());
  }

  /** Collects when it is asked, and never by itself. */
  static final class Reader implements MetricReader {
    private CollectionRegistration registration;

    Collection<MetricData> collect() {
      return registration.collectAllMetrics();
    }

    @Override
    public void register(CollectionRegistration registration) {
      this.registration = registration;
    }

    @Override
    public CompletableResultCode forceFlush() {
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode shutdown() {
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public AggregationTemporality getAggregationTemporality(InstrumentType type) {
      return AggregationTemporality.CUMULATIVE;
    }
  }

  static void sendMetrics() throws Exception {
    var reader = new Reader();
    var provider =
        SdkMeterProvider.builder()
            .setResource(RESOURCE)
            .registerMetricReader(reader)
            .registerView(
                InstrumentSelector.builder().setName("size").build(),
                View.builder().setAggregation(Aggregation.base2ExponentialBucketHistogram()).build())
            .build();
    var meter = provider.get("weir.test/java");
    var which = Attributes.of(stringKey("which"), "one", booleanKey("yes"), true, doubleKey("d"), 0.5);
    meter.counterBuilder("requests").setUnit("1").build().add(3, which);
    meter.upDownCounterBuilder("queue").ofDoubles().build().add(-1.5, which);
    meter.gaugeBuilder("temperature").ofLongs().build().set(-40, which);
    var duration = meter.histogramBuilder("duration").setUnit("s").setDescription("how long").build();
    var size = meter.histogramBuilder("size").ofLongs().build();
    for (long value : new long[] {0, 1, 7, 1L << 40}) {
      duration.record(value / 3.0, which);
      size.record(value, which);
    }
    Collection<MetricData> metrics = reader.collect();
    var direct = OtlpHttpMetricExporter.builder().setEndpoint(DIRECT + "/v1/metrics").build();
    for (MetricExporter exporter : List.of(metricExporter(), direct)) {
      await(exporter.export(metrics));
      await(exporter.shutdown());
    }
    await(provider.shutdown());
  }

  static void sendLogs() throws Exception {
    var direct = OtlpHttpLogRecordExporter.builder().setEndpoint(DIRECT + "/v1/logs").build();
    var both = LogRecordExporter.composite(logExporter(), direct);
    var provider =
        SdkLoggerProvider.builder()
            .setResource(RESOURCE)
            .addLogRecordProcessor(SimpleLogRecordProcessor.create(both))
            .build();
    provider
        .get("weir.test/java")
        .logRecordBuilder()
        .setTimestamp(Instant.now())
        .setEventName("user.login")
        .setSeverity(Severity.WARN2)
        .setSeverityText("WARN")
        .setBody(
            Value.of(
                Map.of(
                    "user", Value.of("ü"),
                    "raw", Value.of(new byte[] {0, -1}),
                    "list", Value.of(Value.of(1), Value.of(2.5), Value.of(false)))))
        .setAttribute(longKey("n"), 1L << 60)
        .emit();
    await(provider.shutdown());
  }

  public static void main(String[] args) throws Exception {
    sendSpans();
    sendMetrics();
    sendLogs();
  }
}
